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
    return Statement(canonical(_OF_THIS.sub(r"本\1", text.replace("需要", "需"))))


_OF_THIS = re.compile(r"(?<!因)(?:该|此|上述)(办法|规定|法(?!院)|条例|解释|标准)")
"""A source calls itself 本办法, who tells of it 该办法. 需要 is no 应当 where it opens a condition."""


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


def nearest_clause(clause: Clause, sources: Sequence[Source]) -> tuple[Clause, float]:
    """The clause of the sources that shares most bigrams with this one, and what share of its bigrams it has."""
    found = [other for source in sources for other in stated(source.text).clauses]
    if not found:
        return Clause("", frozenset()), 0.0
    best = max(found, key=lambda other: (share(clause.bigrams, other.bigrams), -len(other.text)))
    return best, share(clause.bigrams, best.bigrams)
