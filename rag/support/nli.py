"""A second reader of a claim: a cross-encoder trained on natural language inference. Optional.

What it says moves the log-odds of support, by weights that ``ingest.weigh_nli`` learns on our own claims (none where the model brings nothing) and
within a bound. Without them it moves so little that only claims near the border between two labels change theirs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache

import numpy as np

from rag.errors import ModelUnavailable
from rag.support.clauses import SENTENCE, bigrams, canonical

BOUND = 2.5
"""What the model can move at most, in log-odds: from 0.5 to 0.92 or to 0.08."""
_EDGE = 4.0
"""Log-odds of the model's own probabilities are cut at this: 0.018 and 0.982."""
_NEAREST, _LONGEST = 3, 400
"""Sentences of the sources that are read, and characters of a text that is read."""
_ENTAILMENT = re.compile(r"entail|蕴[含涵]")
_CONTRADICTION = re.compile(r"contradict|矛盾")
_NOT = re.compile(r"not|non|no_|不|非")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Log-odds that some window of the sources entails the claim, and that the sentence nearest to it contradicts it."""

    entailed: float
    contradicted: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What evidence moves: ``entailed · (E - usual_entailed) - contradicted · (C - usual_contradicted)``, within ``BOUND``."""

    entailed: float
    contradicted: float
    usual_entailed: float = 0.0
    usual_contradicted: float = 0.0

    def shift(self, evidence: Evidence) -> float:
        moved = self.entailed * (evidence.entailed - self.usual_entailed)
        moved -= self.contradicted * (evidence.contradicted - self.usual_contradicted)
        return min(max(moved, -BOUND), BOUND)

    def __str__(self) -> str:
        return ",".join(f"{value:.4f}" for value in astuple(self))


UNWEIGHED = Weights(entailed=0.0625, contradicted=0.0)
"""For a model that was never weighed: at most 0.25 in log-odds, and never by its word on contradiction."""


class NliModel:
    """Any sentence-transformers cross-encoder whose labels are entailment, neutral and contradiction (or entailment and not), by path or hub name."""

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import CrossEncoder

            self._model = CrossEncoder(name)
            labels: dict[int, str] = {int(n): str(label) for n, label in self._model.config.id2label.items()}
        except Exception as error:
            raise ModelUnavailable(
                f"无法加载推理模型 {name!r}。",
                why=f"{type(error).__name__}: {error}",
                next_step="安装附加依赖 aigc-law-qa[sbert]，确认 AIGC_LAW_NLI 的路径或模型名正确；去掉它则只用内置的核对。",
            ) from error
        self.name = name
        self._entailment, self._contradiction = columns(labels, name)

    @cached_property
    def fingerprint(self) -> str:
        """Of weights and labels: other weights under the same name are noticed."""
        import torch

        digest = hashlib.sha256(f"{self._entailment}{self._contradiction}".encode())
        for key, tensor in sorted(self._model.state_dict().items()):
            raw = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
            digest.update(key.encode())
            digest.update(raw.numpy())
        return digest.hexdigest()[:8]

    def evidence(self, claim: str, sources: Sequence[str]) -> Evidence:
        """What the windows of the sources say, all read in one call; nothing where there is nothing to read."""
        read = windows(claim, sources)
        if not read:
            return Evidence(-_EDGE, -_EDGE)
        pairs = [(window[:_LONGEST], claim[:_LONGEST]) for window in read]
        likely = np.asarray(self._model.predict(pairs, apply_softmax=True, show_progress_bar=False), dtype=np.float64)
        against = -_EDGE if self._contradiction is None else _log_odds(likely[0, self._contradiction])
        return Evidence(_log_odds(likely[:, self._entailment].max()), against)


@dataclass(frozen=True, slots=True)
class Nli:
    """A model with what its word weighs."""

    model: NliModel
    weights: Weights

    def shift(self, claim: str, sources: Sequence[str]) -> float:
        """What to add to the log-odds that the sources support the claim; a model without weight is not asked."""
        if not self.weights.entailed and not self.weights.contradicted:
            return 0.0
        return self.weights.shift(self.model.evidence(claim, sources))


@lru_cache(maxsize=2)
def load_nli(name: str, weights: str = "") -> Nli | None:
    """The model of ``settings.nli`` with ``settings.nli_weights`` (``FINGERPRINT:numbers``); None where none is set.

    Raises:
        ModelUnavailable: it cannot be loaded, has other labels, or the weights are those of another model.
    """
    if not name:
        return None
    model = NliModel(name)
    if not weights:
        return Nli(model, UNWEIGHED)
    fingerprint, _, numbers = weights.partition(":")
    if fingerprint != model.fingerprint:
        raise ModelUnavailable(
            f"AIGC_LAW_NLI_WEIGHTS 不是推理模型 {name!r} 的权重。",
            why=f"它属于 {fingerprint}，这个模型是 {model.fingerprint}",
            next_step=f"运行：python -m ingest.weigh_nli --nli {name} --laws DIR，换上它给出的一行；或去掉 AIGC_LAW_NLI_WEIGHTS。",
        )
    return Nli(model, Weights(*map(float, numbers.split(","))))


def columns(labels: Mapping[int, str], name: str) -> tuple[int, int | None]:
    """Which outputs are entailment and contradiction, in whatever order and spelling; no contradiction where a model has two labels.

    Raises:
        ModelUnavailable: the labels are not those of natural language inference.
    """
    plain = {number: label.lower() for number, label in labels.items()}
    yes = [n for n, label in plain.items() if _ENTAILMENT.search(label) and not _NOT.match(label)]
    against = [n for n, label in plain.items() if _CONTRADICTION.search(label) and not _NOT.match(label)]
    if len(yes) == 1 and (len(labels), len(against)) in ((3, 1), (2, 0), (2, 1)):
        return yes[0], against[0] if len(labels) == 3 else None
    raise ModelUnavailable(
        f"模型 {name!r} 不是推理模型（NLI）。",
        why=f"标签应为 entailment、neutral、contradiction（或 entailment、not_entailment），它的是 {'、'.join(labels.values())}",
        next_step="换一个 NLI 模型；若它确是，在其 config.json 的 id2label 里写明标签；或去掉 AIGC_LAW_NLI。",
    )


def windows(claim: str, sources: Sequence[str]) -> list[str]:
    """What is read against a claim: the sentences of the sources that share most with it, the nearest first; the nearest with what stands before
    and after it; and those sentences together, in the order of the sources."""
    wanted = bigrams(canonical(claim))
    sentences = [
        (number, piece.strip())
        for number, source in enumerate(sources)
        for piece in SENTENCE.split(source)
        if len(piece.strip()) > 1
    ]
    if not sentences:
        return []
    shared = [len(wanted & bigrams(canonical(sentence))) for _, sentence in sentences]
    nearest = sorted(range(len(sentences)), key=lambda at: -shared[at])[:_NEAREST]
    first = nearest[0]
    beside = [
        sentences[before][1] + sentences[before + 1][1]
        for before in (first - 1, first)
        if 0 <= before < len(sentences) - 1 and sentences[before][0] == sentences[before + 1][0]
    ]
    together = "".join(sentences[at][1] for at in sorted(nearest))
    return list(dict.fromkeys([*(sentences[at][1] for at in nearest), *beside, together]))


def _log_odds(probability: float) -> float:
    inside = min(max(float(probability), 1e-9), 1 - 1e-9)
    return float(np.clip(np.log(inside / (1 - inside)), -_EDGE, _EDGE))
