"""A small reader of claim and source side by side: a transformer over characters, trained by ``ingest.train_reader``, run with numpy alone.

Alone it judges a little worse than the features do, but errs elsewhere (figures: ``rag/model/README.md``). Every character also tells whether it,
or the pair it begins or ends, stands on the other side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from rag.support.clauses import SENTENCE, canonical
from rag.support.quantities import in_figures

MODEL_PATH = Path(__file__).parents[1] / "model" / "reader.npz"
LONGEST, LONGEST_CLAIM = 160, 80
"""Characters that are read at once, the three marks around claim and source among them, and of a claim."""
UNKNOWN, BEGIN, END, FIRST_CHARACTER = 1, 2, 3, 5
"""Numbers before those of the vocabulary; 0 and 4 (nothing, hidden) serve training."""
_SENTENCES = 4
_LEAST_SHARED = 0.05
"""Share of the claim's pairs from which a further sentence is read."""
_STEP = 6
"""Characters by which the window in a sentence that is too long is moved."""
_EPSILON = np.float32(1e-5)

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reader:
    """The weights by the names that ``ingest.train_reader`` gives them, and the number of every known character."""

    weights: dict[str, Floats]
    characters: dict[str, int]
    layers: int
    heads: int

    def read(self, claim: str, sources: Sequence[str]) -> Floats:
        """Log-probabilities of supported, partial, unsupported and contradicted, shape ``(4,)``."""
        # In one order, whatever the order they come in.
        stated, window = window_of(prepared(claim), sorted(prepared(source) for source in sources))
        ids, border = marked(stated, window, self.characters)
        # Products this small are slower on several threads, most of all on a busy machine.
        with _threads().limit(limits=1):
            return self._judged(self._encoded(ids, border), border)

    def _encoded(self, ids: npt.NDArray[np.int64], border: int) -> Floats:
        """The vectors of all characters, shape ``(len(ids), dimension)``; the source begins at ``border``."""
        w = self.weights
        place = np.arange(len(ids))
        place[border:] -= border
        side = (np.arange(len(ids)) >= border).astype(np.int64)
        x: Floats = w["tok.weight"][ids] + w["pos.weight"][place] + w["seg.weight"][side]
        x += w["flag.weight"][shared_characters(ids, border)]
        for layer in range(self.layers):
            x = self._block(x, f"blocks.{layer}.")
        encoded: Floats = _normed(x) * w["n.weight"] + w["n.bias"]
        return encoded

    def _block(self, x: Floats, name: str) -> Floats:
        w, count = self.weights, len(x)
        mixed = _normed(x) @ w[f"{name}qkv.weight"] + w[f"{name}qkv.bias"]
        query, key, value = mixed.reshape(count, 3, self.heads, -1).transpose(1, 2, 0, 3)
        powers = np.exp(query @ key.transpose(0, 2, 1))
        found = (powers @ value) / powers.sum(axis=-1, keepdims=True)
        added: Floats = x + found.transpose(1, 0, 2).reshape(count, -1) @ w[f"{name}o.weight"] + w[f"{name}o.bias"]
        inner: Floats = _normed(added) @ w[f"{name}f1.weight"] + w[f"{name}f1.bias"]
        np.maximum(inner, 0, out=inner)
        passed: Floats = added + inner @ w[f"{name}f2.weight"] + w[f"{name}f2.bias"]
        return passed

    def _judged(self, x: Floats, border: int) -> Floats:
        w = self.weights
        both = np.concatenate([x[0], x[:border].mean(axis=0), x[border:].mean(axis=0)])
        logits: Floats = np.maximum(both @ w["h1.weight"] + w["h1.bias"], 0) @ w["h2.weight"] + w["h2.bias"]
        logs: Floats = logits - np.logaddexp.reduce(logits)
        return logs


@lru_cache(maxsize=1)
def pair_reader(path: Path = MODEL_PATH) -> Reader:
    with np.load(path) as stored:
        kept = {name: stored[name].astype(np.float32) for name in stored.files if name not in ("vocabulary", "heads")}
        characters = {c: FIRST_CHARACTER + number for number, c in enumerate(str(stored["vocabulary"]))}
        heads = int(stored["heads"])
    layers = sum(name.endswith("qkv.weight") for name in kept)
    return Reader(_folded(kept, layers, heads), characters, layers, heads)


def _folded(weights: dict[str, Floats], layers: int, heads: int) -> dict[str, Floats]:
    """The same weights with what normalisation scales and shifts, and the scale of attention, put into the products that follow."""
    folded = dict(weights)
    for layer in range(layers):
        for norm, product in (("n1", "qkv"), ("n2", "f1")):
            scale, shift = (weights[f"blocks.{layer}.{norm}.{part}"] for part in ("weight", "bias"))
            weight, bias = (weights[f"blocks.{layer}.{product}.{part}"] for part in ("weight", "bias"))
            folded[f"blocks.{layer}.{product}.weight"] = scale[:, None] * weight
            folded[f"blocks.{layer}.{product}.bias"] = shift @ weight + bias
        size = weights[f"blocks.{layer}.o.weight"].shape[0]
        for part in ("weight", "bias"):
            folded[f"blocks.{layer}.qkv.{part}"][..., :size] *= np.float32((size // heads) ** -0.5)
    return folded


@lru_cache(maxsize=1)
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


@lru_cache(maxsize=2048)
def prepared(text: str) -> str:
    """A text as it is read: legal synonyms in one form, numerals as figures."""
    return in_figures(canonical(text))


def window_of(claim: str, sources: Sequence[str]) -> tuple[str, str]:
    """What is read of a ``prepared`` claim, and of its ``prepared`` sources: the sentences that share most with it, in their order, or the part of
    the nearest one that fits."""
    claim = claim[:LONGEST_CLAIM]
    room = LONGEST - len(claim) - 3
    wanted = _pairs(claim)
    sentences = [piece for source in sources for piece in _sentences(source)]
    shared = [len(wanted & _pairs(sentence)) / max(len(wanted), 1) for sentence in sentences]
    chosen: list[int] = []
    used = 0
    for at in sorted(range(len(sentences)), key=lambda at: -shared[at])[:_SENTENCES]:
        if used + len(sentences[at]) <= room and (not chosen or shared[at] > _LEAST_SHARED):
            chosen.append(at)
            used += len(sentences[at])
        elif not chosen:
            return claim, _part(sentences[at], wanted, room)
    return claim, "".join(sentences[at] for at in sorted(chosen))


def _part(sentence: str, wanted: frozenset[str], room: int) -> str:
    parts = [sentence[start : start + room] for start in range(0, max(1, len(sentence) - room + 1), _STEP)]
    return max(parts, key=lambda part: len(wanted & _pairs(part)))


@lru_cache(maxsize=2048)
def _sentences(source: str) -> tuple[str, ...]:
    return tuple(piece.strip() for piece in SENTENCE.split(source) if len(piece.strip()) > 1)


@lru_cache(maxsize=8192)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def marked(first: str, second: str, characters: dict[str, int]) -> tuple[npt.NDArray[np.int64], int]:
    """The numbers of both texts with the marks around them, ``LONGEST`` at most, and where the second text begins."""
    stated, source = (
        [characters.get(character, UNKNOWN) for character in text if not character.isspace()]
        for text in (first, second)
    )
    ids = [BEGIN, *stated, END, *source[: LONGEST - 3 - len(stated)], END]
    return np.asarray(ids, dtype=np.int64), len(stated) + 2


def shared_characters(ids: npt.NDArray[np.int64], border: int) -> npt.NDArray[np.int64]:
    """For every character: 0 where it does not stand on the other side, 1 where it does, 2 where a pair with its neighbour does."""
    first, second = ids[:border], ids[border:]
    same = (first[:, None] == second[None, :]) & (first >= FIRST_CHARACTER)[:, None]
    return np.concatenate([_shared(same), _shared(same.T)])


def _shared(same: Flags) -> npt.NDArray[np.int64]:
    begins = np.zeros(len(same), dtype=bool)
    begins[:-1] = (same[:-1, :-1] & same[1:, 1:]).any(axis=1)
    single = same.any(axis=1)
    ends = np.zeros(len(same), dtype=bool)
    ends[1:] = begins[:-1]
    paired: npt.NDArray[np.int64] = single.astype(np.int64) + (single & (begins | ends))
    return paired


def _normed(x: Floats) -> Floats:
    """Every row with mean 0 and variance 1."""
    centred: Floats = x - x.mean(axis=-1, keepdims=True)
    variance = np.einsum("ij,ij->i", centred, centred)[:, None] / np.float32(x.shape[1])
    centred /= np.sqrt(variance + _EPSILON)
    return centred
