"""Which document went which way on which disputed issue, in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag import DocumentMeta, Issue, Stance
from ui.words import translated


@dataclass(frozen=True, slots=True)
class Answered:
    """A stance and the document that takes it."""

    stance: Stance
    document: DocumentMeta

    @property
    def key(self) -> str:
        """Tells it from every other one: a document may give several answers to one issue."""
        return f"{self.stance.issue}|{self.stance.position}|{self.document.id}"


@dataclass(frozen=True, slots=True)
class Side:
    """One answer to an issue and those who give it, the earliest first."""

    position: str
    label: str
    answered: tuple[Answered, ...]

    @property
    def short(self) -> str:
        """The label without what stands in brackets."""
        return self.label.partition("（")[0].partition(" (")[0]


@dataclass(frozen=True, slots=True)
class IssueRow:
    id: str
    question: str
    sides: tuple[Side, ...]
    contested: bool
    """Whether sources give answers that exclude each other."""

    @property
    def answers(self) -> int:
        return sum(len(side.answered) for side in self.sides)


def issue_rows(
    issues: Iterable[Issue], stances: Sequence[Stance], metas: Iterable[DocumentMeta]
) -> tuple[IssueRow, ...]:
    """Every issue that a document answers; contested ones first, then those with most answers. Answers that nobody gives are left out."""
    documents = {meta.id: meta for meta in metas}
    rows = [row for issue in issues if (row := _row(issue, stances, documents)).sides]
    return tuple(sorted(rows, key=lambda row: (not row.contested, -row.answers)))


def question_of(issue: Issue) -> str:
    return translated(f"issues.{issue.id}", issue.question)


def _row(issue: Issue, stances: Sequence[Stance], documents: dict[str, DocumentMeta]) -> IssueRow:
    found: dict[str, list[Answered]] = {position: [] for position in issue.positions}
    for stance in stances:
        if stance.issue == issue.id and stance.position in found and stance.document_id in documents:
            found[stance.position].append(Answered(stance, documents[stance.document_id]))
    sides = tuple(
        Side(
            position,
            translated(f"issues.{issue.id}_{position}", issue.positions[position]),
            tuple(sorted(answered, key=_by_day)),
        )
        for position, answered in found.items()
        if answered
    )
    return IssueRow(
        id=issue.id,
        question=question_of(issue),
        sides=sides,
        contested=sum(side.position in issue.contrast for side in sides) > 1,
    )


def _by_day(answered: Answered) -> tuple[str, str]:
    return str(answered.document.valid_from or ""), answered.document.id
