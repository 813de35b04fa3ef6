"""Which passages a model is given: what the question names, then the highest authorities, as far as the tokens reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.retrieve import EXACT_SCORE
from rag.types import Hit, Kind, Passage

_AUTHORITY = {kind: rank for rank, kind in enumerate(Kind)}
_FOREIGN = len(_AUTHORITY)
_HEAD = 60
"""Tokens of what is said of a passage before its text."""


def tokens(text: str) -> int:
    """Tokens of a text at most, for the tokenisers of today's Chinese and English models: one a Chinese character, one for three others."""
    wide = sum(character > "\u2e7f" for character in text)
    return wide + -(-(len(text) - wide) // 3)


def fit(hits: Sequence[Hit], limit: int) -> list[Hit]:
    """The passages whose texts fit into ``limit`` tokens, highest authority first; ``hits`` come by relevance, which decides between equals.

    Where not even the first fits, it is cut.
    """
    ordered = sorted(enumerate(hits), key=lambda entry: (_rank(entry[1]), entry[0]))
    kept: list[tuple[int, Hit]] = []
    left = limit
    for position, hit in ordered:
        cost = tokens(hit.passage.text) + _HEAD
        if cost <= left:
            kept.append((position, hit))
            left -= cost
    if not kept and ordered:
        return [_cut(ordered[0][1], limit - _HEAD)]
    return [hit for _, hit in kept]


def _rank(hit: Hit) -> tuple[bool, int]:
    named = hit.score >= EXACT_SCORE - 0.5
    return (not named, _FOREIGN if hit.document.jurisdiction != "CN" else _AUTHORITY[hit.document.kind])


def _cut(hit: Hit, limit: int) -> Hit:
    text = hit.passage.text[: max(limit, 1)]
    return replace(hit, passage=_shortened(hit.passage, text))


def _shortened(passage: Passage, text: str) -> Passage:
    return replace(passage, text=text, end=passage.start + len(text))
