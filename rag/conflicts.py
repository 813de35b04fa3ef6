"""Where sources differ on the question of law that was asked: both sides, each with its cases and what explains them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rag.cite import Citations
from rag.embed import Vectors
from rag.index import Index
from rag.issues import Issue, issues
from rag.pinpoint import units
from rag.relations import Relations, Taken
from rag.retrieve import usable
from rag.types import Conflict, ConflictSide, Hit, Kind, Passage, Unit
from rag.understand import Query

MAX_CONFLICTS = 2
MAX_CASES = 3
"""Sources shown for each side."""
_ABOUT = 0.45
"""Cosine of question and issue from which the one is taken to be about the other."""


@dataclass(frozen=True, slots=True)
class Case:
    """A source on one side: its name, what in its facts explains the answer, and the number of its citation."""

    name: str
    why: str | None
    citation: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """An issue and its sides: the wording of the answer, and the sources that give it."""

    issue: Issue
    sides: tuple[tuple[str, tuple[Case, ...]], ...]

    def as_conflict(self) -> Conflict:
        return Conflict(
            question=self.issue.question,
            sides=tuple(
                ConflictSide(
                    position=f"{label}：{'；'.join(_named(case) for case in cases)}",
                    citations=tuple(case.citation for case in cases),
                )
                for label, cases in self.sides
            ),
        )

    def as_table(self) -> str:
        """Markdown: a column for each side."""
        rows = max(len(cases) for _, cases in self.sides)
        cells = [
            " | ".join(_cell(cases[row]) if row < len(cases) else "" for _, cases in self.sides) for row in range(rows)
        ]
        head = " | ".join(label for label, _ in self.sides)
        lines = [f"| {head} |", "|" + "---|" * len(self.sides), *(f"| {line} |" for line in cells)]
        return f"**裁判不一：{self.issue.question}**\n\n" + "\n".join(lines)


class Disputes:
    """Finds the disputes that questions are about, in one index."""

    def __init__(self, index: Index, relations: Relations) -> None:
        self._index, self._relations = index, relations

    def find(
        self, query: Query, hits: Sequence[Hit], citations: Citations, kinds: Sequence[Kind] = ()
    ) -> list[Dispute]:
        """The contested issues that a question is about, where sources in force that day stand on different sides.

        A question about one named case is about that case, not about the issue. ``citations`` gain what the sides cite.
        """
        named = {identifier for reference in query.references for identifier in reference.document_ids}
        metas = self._index.catalog.metas
        if sum(metas[identifier].kind is Kind.JUDGMENT for identifier in named) == 1:
            return []
        at_hand = {hit.passage.id for hit in hits}
        found = [
            (issue, sides)
            for issue in self._asked(query.text)
            if len(sides := _sides(issue, self._relations, query, kinds, named)) > 1
            and any(taken.passage_id in at_hand for _, side in sides for taken in side)
        ]
        return [
            Dispute(issue, tuple((issue.positions[p], _cases(side, self._index, citations)) for p, side in sides))
            for issue, sides in found[:MAX_CONFLICTS]
        ]

    def _asked(self, text: str) -> list[Issue]:
        """Contested issues of which the question has a keyword and that it is close to, the closest first."""
        folded = text.casefold()
        contested = [i for i in self._vectors if any(word.casefold() in folded for word in issues()[i].keywords)]
        if not contested:
            return []
        question = self._index.embedder.embed_query(text)
        scored = sorted(((float(np.max(self._vectors[i] @ question)), i) for i in contested), reverse=True)
        return [issues()[i] for closeness, i in scored if closeness >= _ABOUT]

    @cached_property
    def _vectors(self) -> dict[str, Vectors]:
        """Embedded wordings of the contested issues, a row each, by id."""
        contested = [issue for issue in issues().values() if issue.contrast]
        return {i.id: self._index.embedder.embed_passages([i.question, *i.asked]) for i in contested}


def _sides(
    issue: Issue, relations: Relations, query: Query, kinds: Sequence[Kind], named: set[str]
) -> list[tuple[str, list[Taken]]]:
    """Sources of each position, the best supported first; documents that the question names before others."""
    found = []
    for position in issue.contrast:
        side = [
            taken
            for taken in relations.positions.get(issue.id, ())
            if taken.position.position == position and usable(taken.document, query.as_of, kinds)
        ]
        side.sort(key=lambda taken: (taken.document.id not in named, *_weight(taken)))
        if side:
            found.append((position, side[:MAX_CASES]))
    return found


def _weight(taken: Taken) -> tuple[bool, bool, int]:
    """Verified before single-source, final before not, newer before older."""
    meta = taken.document
    day = meta.valid_from
    return (meta.evidence != "verified", meta.finality != "final", -day.toordinal() if day else 0)


def _cases(side: Sequence[Taken], index: Index, citations: Citations) -> tuple[Case, ...]:
    found = []
    for taken in side:
        passage = index.catalog.passage(taken.passage_id)
        if passage is None:
            continue
        hit = Hit(passage, index.catalog.metas[taken.document.id], 0.0)
        number = citations.cite(hit, _unit(passage, taken.position.anchor)).n
        found.append(Case(taken.document.short_title, taken.position.why, number))
    return tuple(found)


def _unit(passage: Passage, anchor: str) -> Unit:
    """The sentence that carries the position; the first one where an official text has replaced the digest."""
    found = units(passage)
    return next((unit for unit in found if anchor in unit.text), found[0])


def _named(case: Case) -> str:
    return f"{case.name}（{case.why}）" if case.why else case.name


def _cell(case: Case) -> str:
    return f"{_named(case).replace('|', '｜')}[{case.citation}]"
