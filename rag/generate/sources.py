"""What a sentence of a model is held against: units of passages, with what is known of their documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.compose import readable
from rag.pinpoint import units
from rag.support.clauses import Clause, Statement, canonical
from rag.types import DocumentMeta, Hit, Unit


@dataclass(frozen=True, slots=True)
class Source:
    """One unit of a passage: what a citation points to."""

    hit: Hit
    unit: Unit

    @property
    def meta(self) -> DocumentMeta:
        return self.hit.document

    @property
    def text(self) -> str:
        """The quote, with the sentence that introduces its list, without which an item says nothing."""
        return readable(f"{self.unit.stem or ''}{self.unit.text}")

    @property
    def place(self) -> tuple[str, int]:
        return (self.hit.passage.id, self.unit.start)


def sources_of(hit: Hit) -> tuple[Source, ...]:
    return tuple(Source(hit, unit) for unit in units(hit.passage))


def joined(sources: Iterable[Source]) -> str:
    return "\n".join(source.text for source in sources)


@lru_cache(maxsize=4096)
def stated(text: str) -> Statement:
    """A text in the wording in which texts are compared."""
    for pattern, standard in _ALIKE:
        text = pattern.sub(standard, text)
    return Statement(canonical(text))


_ALIKE: tuple[tuple[re.Pattern[str], str], ...] = (
    # A source calls itself 本办法, who tells of it 该办法.
    (re.compile(r"(?<!因)(?:该|此|上述)(办法|规定|法(?!院)|条例|解释|标准)"), r"本\1"),
    (re.compile("需要"), "需"),  # opens a condition: no 应当
    (re.compile(r"有没有"), "是否有"),
    (re.compile(r"([是能会可])不\1"), r"是否\1"),
    (re.compile(r"([\u4e00-\u9fff]{2,6})不成立"), r"不构成\1"),
    (re.compile(r"不能(?=成为|作为|视为|当作)"), "不得"),
)
"""Ways of writing that mean the same, beside those that the trained check knows."""


def share(wanted: frozenset[str], present: frozenset[str]) -> float:
    """0…1: how much of ``wanted`` is present; 0 of nothing."""
    return len(wanted & present) / len(wanted) if wanted else 0.0


def run_of(clause: Clause, clauses: Sequence[Clause]) -> tuple[tuple[Clause, ...], float]:
    """The one to three clauses in a row that hold most of this one, as few as possible, and what share of its bigrams they have."""
    best: tuple[tuple[Clause, ...], float] = ((), 0.0)
    worth = 0.0
    for length in (1, 2, 3):
        for at in range(len(clauses) - length + 1):
            run = tuple(clauses[at : at + length])
            held = share(clause.bigrams, frozenset().union(*(other.bigrams for other in run)))
            if held - _LONGER * (length - 1) > worth:
                best, worth = (run, held), held - _LONGER * (length - 1)
    return best


_LONGER = 0.08
"""Share of bigrams that every further clause must add."""


def nearest(text: str, sources: Sequence[Source]) -> Source:
    """The unit that holds most of a text."""
    return max(sources, key=lambda source: share(stated(text).bigrams, stated(source.text).bigrams))


def nearest_clause(clause: Clause, sources: Sequence[Source]) -> tuple[Clause, float]:
    """The clause of the sources that shares most bigrams with this one, and what share of its bigrams it has."""
    found = [other for source in sources for other in stated(source.text).clauses]
    if not found:
        return Clause("", frozenset()), 0.0
    best = max(found, key=lambda other: (share(clause.bigrams, other.bigrams), -len(other.text)))
    return best, share(clause.bigrams, best.bigrams)
