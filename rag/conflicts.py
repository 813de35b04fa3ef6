"""Where sources differ on the question of law that was asked: both sides, each with its cases and what explains them.

A question for all cases on an issue (哪些案件认定……) gets them all, by what they held.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
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
from rag.types import Conflict, ConflictSide, Hit, Kind
from rag.understand import Ask, Query

MAX_CONFLICTS = 2
MAX_CASES, MAX_LISTED = 3, 20
"""Sources shown for each side, and where all are asked for."""
_ABOUT = 0.37
"""Cosine of question and issue from which the one is about the other, where a source of one side has been found too."""
_SURELY = 0.5
"""Cosine from which it is so in any case."""
_ALL_CASES = re.compile(
    r"(?:哪些|哪几|有哪|列出|列举|盘点|梳理|都有什么)[^，。？?]{0,24}(?:案|判决|裁判|法院|判例)|(?:案件|案例|判决|判例)(?:都)?有(?:哪|什么)"
    r"|which (?:\w+ )?(?:cases|courts|judgments|decisions)|list (?:the |all )?(?:\w+ )?(?:cases|judgments|decisions)",
    re.IGNORECASE,
)
_ASKED_TO_COMPARE = 0.1
"""What both are lowered by where the question asks for differences."""


@dataclass(frozen=True, slots=True)
class Case:
    """A source on one side: its name, what in its facts explains the answer, and the number of its citation."""

    name: str
    why: str | None
    citation: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """An issue and its sides: the wording of the answer, and the sources that give it; ``is_list`` where these are what was asked for."""

    issue: Issue
    sides: tuple[tuple[str, tuple[Case, ...]], ...]
    is_list: bool = False

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
        title = (
            f"语料中就此表态的全部来源：{self.issue.question}" if self.is_list else f"裁判不一：{self.issue.question}"
        )
        return f"**{title}**\n\n" + "\n".join(lines)


class Disputes:
    """Finds the disputes that questions are about, in one index."""

    def __init__(self, index: Index, relations: Relations) -> None:
        self._index, self._relations = index, relations

    def over(self, index: Index) -> Disputes:
        """The same issues, on another view of the index."""
        other = copy(self)
        other._index = index
        return other

    def find(
        self, query: Query, hits: Sequence[Hit], citations: Citations, kinds: Sequence[Kind] = ()
    ) -> list[Dispute]:
        """The contested issues that a question is about, where sources in force that day stand on different sides.

        A question about one named case is about that case, not about the issue. ``citations`` gain what the sides cite.
        """
        metas = self._index.catalog.metas
        named = {identifier for reference in query.references for identifier in reference.document_ids}
        cases = {identifier for identifier in named if metas[identifier].kind is Kind.JUDGMENT}
        if len(cases) == 1:
            return []
        asked = [
            entry
            for entry in self._vectors
            if entry[0].contrast and (len(cases) > 1 or _has_keyword(entry[0], query.text))
        ]
        if not asked:
            return []
        at_hand = {hit.document.id for hit in hits}
        found = []
        for closeness, issue in self._ranked(query, asked):
            sides = _sides(issue, issue.contrast, self._relations, query, kinds, named)
            takers = [{taken.document.id for taken in side} for _, side in sides]
            opposed = len(takers) > 1 and sum(bool(side & cases) for side in takers) > 1
            closeness += _ASKED_TO_COMPARE * (query.ask is Ask.COMPARISON)
            near = closeness >= _SURELY or (closeness >= _ABOUT and any(side & at_hand for side in takers))
            if len(takers) > 1 and (opposed or (near and _has_keyword(issue, query.text))):
                found.append((issue, sides))
        return [
            Dispute(issue, tuple((issue.positions[p], self._cases(side[:MAX_CASES], citations)) for p, side in sides))
            for issue, sides in found[:MAX_CONFLICTS]
        ]

    def listed(self, query: Query, citations: Citations, kinds: Sequence[Kind] = ()) -> list[Dispute]:
        """The issue that a question for all cases is about, contested or not, with every source that takes a position on it; none for other questions."""
        asked = [entry for entry in self._vectors if _has_keyword(entry[0], query.text)]
        if not wants_all_cases(query) or not asked:
            return []
        closeness, issue = self._ranked(query, asked)[0]
        sides = _sides(issue, tuple(issue.positions), self._relations, query, kinds, set())
        if closeness < _ABOUT or not sides:
            return []
        listed = tuple((issue.positions[p], self._cases(side[:MAX_LISTED], citations)) for p, side in sides)
        return [Dispute(issue, listed, is_list=True)]

    def _ranked(self, query: Query, asked: Sequence[tuple[Issue, Vectors]]) -> list[tuple[float, Issue]]:
        """Issues, the closest to the question first; the names of sources do not count."""
        questions = np.stack([self._index.embedder.embed_query(text) for text in {query.text, query.focus}])
        scored = [(float(np.max(vectors @ questions.T)), issue) for issue, vectors in asked]
        return sorted(scored, key=lambda entry: -entry[0])

    def _cases(self, side: Sequence[Taken], citations: Citations) -> tuple[Case, ...]:
        found = []
        for taken in side:
            passage = self._index.catalog.passage(taken.passage_id)
            unit = next((u for u in units(passage) if taken.position.anchor in u.text), None) if passage else None
            if passage and unit:  # else the corpus is not as its linter wants it: no sentence, no citation
                number = citations.cite(Hit(passage, taken.document, 0.0), unit).n
                found.append(Case(taken.document.short_title, taken.position.why, number))
        return tuple(found)

    @cached_property
    def _vectors(self) -> list[tuple[Issue, Vectors]]:
        """All issues with their embedded wordings, a row each."""
        return [
            (issue, self._index.embedder.embed_passages([issue.question, *issue.asked])) for issue in issues().values()
        ]


def wants_all_cases(query: Query) -> bool:
    """Whether a question is for all cases of a kind, and names none."""
    return bool(_ALL_CASES.search(query.text)) and not query.references


def _has_keyword(issue: Issue, text: str) -> bool:
    """English keywords as words (``US`` is not in ``use``), Chinese ones anywhere."""
    return any(
        re.search(rf"(?<![a-z]){re.escape(word)}" if word.isascii() else re.escape(word), text, re.IGNORECASE)
        for word in issue.keywords
    )


def _sides(
    issue: Issue,
    positions: Sequence[str],
    relations: Relations,
    query: Query,
    kinds: Sequence[Kind],
    named: set[str],
) -> list[tuple[str, list[Taken]]]:
    """Sources of each position, the best supported first; documents that the question names before others."""
    found = []
    for position in positions:
        side = [
            taken
            for taken in relations.positions.get(issue.id, ())
            if taken.position.position == position and usable(taken.document, query.as_of, kinds)
        ]
        side.sort(key=lambda taken: (taken.document.id not in named, *_weight(taken)))
        if side:
            found.append((position, side))
    return found


def _weight(taken: Taken) -> tuple[bool, bool, int]:
    """Verified before single-source, final before not, newer before older."""
    meta = taken.document
    day = meta.valid_from
    return (meta.evidence != "verified", meta.finality != "final", -day.toordinal() if day else 0)


def _named(case: Case) -> str:
    return f"{case.name}（{case.why}）" if case.why else case.name


def _cell(case: Case) -> str:
    return f"{' '.join(_named(case).replace('|', '｜').split())}[{case.citation}]"
