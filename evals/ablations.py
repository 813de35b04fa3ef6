"""What each part is worth: the suite with one part really switched off, against the suite as it is."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from dataclasses import replace as replaced
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np

from evals.bootstrap import interval
from evals.interventions import CORPUS, SHIPPED
from evals.measures import Outcome
from evals.planted import unchecked
from evals.probe_command import add_probe, opened, resumed, write
from evals.probed import kept_outcomes, measured
from evals.questions import Question
from evals.report import FOLDER
from evals.resume import Keep, anew
from evals.views import without_dense, without_lexical
from ingest.build import ingest
from rag import pipeline, retrieve
from rag.candidates import Candidates, find_candidates
from rag.pipeline import Assistant, open_assistant

FILE = FOLDER / "ablations.json"
SHOWN = (
    "recall@5",
    "rr@10",
    "citation_recall",
    "pinpoint_recall",
    "citation_precision",
    "fact_recall",
    "named_article_found",
    "false_sentence_caught",
    "refused_rightly",
    "answered_rightly",
)
_LAY = re.compile(r"^问法[:：].*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the product, and a context manager over the assistant without it; ``about`` says what is not switched off with it."""

    name: str
    without: Callable[[Assistant, Path], Any]
    about: str


@contextmanager
def _lay_questions(assistant: Assistant, corpus: Path) -> Iterator[Assistant]:
    """Built anew of the corpus without its lines of 问法."""
    with TemporaryDirectory() as folder:
        for source in sorted(path for kind in SHIPPED for path in (corpus / kind).glob("*.md")):
            target = Path(folder) / "corpus" / source.parent.name / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_LAY.sub("", source.read_text("utf-8")), "utf-8")
        settings = assistant.settings.model_copy(update={"index": Path(folder) / "index"})
        ingest([Path(folder) / "corpus"], settings)
        yield open_assistant(settings)


@contextmanager
def _lexical(assistant: Assistant, _: Path) -> Iterator[Assistant]:
    yield _with(assistant.over(without_lexical(assistant.index)), dense_weight=1.0)


@contextmanager
def _dense(assistant: Assistant, _: Path) -> Iterator[Assistant]:

    def lexical_only(*given: Any) -> Candidates:
        found = find_candidates(*given)
        return replaced(found, dense=np.zeros_like(found.dense))  # the gate is told of no similarity

    with patch.object(retrieve, "find_candidates", lexical_only):
        yield _with(assistant.over(without_dense(assistant.index)), dense_weight=0.0)


@contextmanager
def _exact(assistant: Assistant, _: Path) -> Iterator[Assistant]:
    with (
        patch.object(retrieve, "_raise_named", lambda *_: None),
        patch.object(retrieve, "_with_leads", lambda _query, order, *_: order),
    ):
        yield assistant


@contextmanager
def _verification(assistant: Assistant, _: Path) -> Iterator[Assistant]:
    with patch.object(pipeline, "verify", unchecked):
        yield assistant


@contextmanager
def _prior(assistant: Assistant, _: Path) -> Iterator[Assistant]:
    yield _with(assistant, prior_weight=0.0)


@contextmanager
def _document(assistant: Assistant, _: Path) -> Iterator[Assistant]:
    yield _with(assistant, document_weight=0.0)


@contextmanager
def _gate(assistant: Assistant, _: Path) -> Iterator[Assistant]:
    yield _with(assistant, scope_threshold=0.0)


PARTS = (
    Part(
        "问法", _lay_questions, "the index is built without lay questions; the embedder was trained on them and stays"
    ),
    Part("lexical search", _lexical, "no BM25 in the fused score; the gate still knows which words the index has"),
    Part(
        "dense search", _dense, "nothing is found by vectors; sentences are still chosen, and questions gated, by them"
    ),
    Part("exact look-up", _exact, "named articles and documents are not raised; they are still understood"),
    Part("verification", _verification, "every sentence of a draft passes"),
    Part("prior", _prior, "how likely a passage is asked for at all does not count"),
    Part("document score", _document, "a passage does not gain by its document's best one"),
    Part("gate", _gate, "only what is false on its face or missing is refused"),
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    add_probe(command, FILE, _run)
    command.add_argument("--corpus", type=Path, default=CORPUS, metavar="DIR", help="语料，去掉问法后另建临时索引")


def _run(arguments: argparse.Namespace) -> int:
    questions, assistant = opened(arguments)
    with resumed(arguments, questions, assistant, corpus=str(arguments.corpus)) as keep:
        result = ablations(questions, assistant, arguments.corpus, keep=keep)
        write(result, arguments.out)
    for row in result["rows"]:
        print(f"{row['without']:16} {row['reading']}")
    print(f"结果：{arguments.out}")
    return 0


def ablations(
    questions: Sequence[Question],
    assistant: Assistant,
    corpus: Path,
    parts: Sequence[Part] = PARTS,
    *,
    quiet: bool = False,
    keep: Keep = anew,
) -> dict[str, Any]:
    """For every part: each measure without it, and the paired difference to the whole, with its bootstrap interval."""
    whole = kept_outcomes(keep, "完整", partial(measured, questions, assistant, name="完整", quiet=quiet))

    def row(part: Part) -> dict[str, Any]:
        with part.without(assistant, corpus) as without:
            deltas = differences(whole, measured(questions, without, name=f"没有{part.name}", quiet=quiet))
        return {
            "name": f"without {part.name}",
            "summary": {name: {"mean": d["without"], "n": d["n"]} for name, d in deltas.items()},
            "without": part.name,
            "about": part.about,
            "deltas": deltas,
            "reading": reading(part.name, deltas),
        }

    rows = [keep(part.name, partial(row, part)) for part in parts]
    return {"n": len(questions), "fingerprints": assistant.fingerprints.model_dump(), "rows": rows}


def differences(whole: Sequence[Outcome], without: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Measure → mean without the part, paired mean difference (without − whole) over questions that have both, and its interval."""
    other = {outcome.id: outcome.values for outcome in without}
    found = {}
    for name in SHOWN:
        pairs = [
            (before, after)
            for outcome in whole
            if (before := outcome.values.get(name)) is not None
            and (after := other.get(outcome.id, {}).get(name)) is not None
        ]
        if not pairs:
            continue
        delta = [after - before for before, after in pairs]
        low, high = interval(delta)
        means = [sum(values) / len(pairs) for values in zip(*pairs, strict=True)]
        found[name] = {
            "whole": round(means[0], 4),
            "without": round(means[1], 4),
            "delta": round(means[1] - means[0], 4),
            "low": low,
            "high": high,
            "n": len(pairs),
        }
    return found


def reading(part: str, deltas: dict[str, dict[str, float]]) -> str:
    """One sentence: what gets worse and better without the part, beyond chance."""
    worse = [
        f"{name} by {-d['delta']:.3f} [{-d['high']:.3f}, {-d['low']:.3f}]"
        for name, d in deltas.items()
        if d["high"] < 0
    ]
    better = [
        f"{name} by {d['delta']:.3f} [{d['low']:.3f}, {d['high']:.3f}]" for name, d in deltas.items() if d["low"] > 0
    ]
    if not worse and not better:
        return f"Without {part}, no measure of this suite changes beyond its interval."
    lost = f"lowers {', '.join(worse)}" if worse else ""
    gained = f"raises {', '.join(better)}" if better else ""
    return f"Switching off {part} {' and '.join(filter(None, (lost, gained)))}."


def _with(assistant: Assistant, **settings: float) -> Assistant:
    other = copy(assistant)
    other.settings = assistant.settings.model_copy(update=settings)
    return other
