"""How far the second readers agree with gold and labels, as these were when they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.judge.agreement import kappa
from evals.judge.cases import Labelled
from evals.judge.verdicts import Correctness, Grounding
from evals.measures import states
from evals.pinpoints import article_level, meets
from evals.questions import Question
from rag.errors import InvalidInput
from rag.types import RefusalReason

READINGS, LABELS = Path(__file__).with_name("readings.jsonl"), Path(__file__).with_name("labels.jsonl")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str


class Reading(_Strict):
    """What a reader would do with a question: refuse it, or cite ``places`` (requirements, each with alternatives) for ``fact``.

    ``gold_before``, ``facts_before``: as they were when the reader read, where they were changed since. ``outcome``: what came of a difference.
    """

    refusal: RefusalReason | None
    places: tuple[tuple[str, ...], ...]
    fact: str
    doubt: str
    gold_before: tuple[tuple[str, ...], ...] | None = None
    facts_before: tuple[tuple[str, ...], ...] | None = None
    outcome: str = ""


class Label(_Strict):
    correctness: Correctness
    grounding: Grounding
    why: str
    doubt: str


class Row(BaseModel):
    """Of a category: questions that gold and reader answer, and how many agree on the article (or section), on 款 and 项, and on the fact."""

    answered: int
    article: int
    place: int
    fact: int


class Found(BaseModel):
    """``refusals``: how often gold and reader both refuse, only one does, or neither; ``kappa`` is Cohen's.

    ``differences``: ids of questions on which they differ, with what they differ on.
    """

    questions: int
    refusals: dict[str, int]
    refusal_kappa: float | None
    reasons: int
    rows: dict[str, Row]
    differences: dict[str, str]
    labels: int
    correctness: int
    correctness_kappa: float | None
    grounding: int
    grounding_kappa: float | None
    label_differences: list[str]


_Read = TypeVar("_Read", bound=_Strict)


def read(path: Path, kind: type[_Read]) -> dict[str, _Read]:
    """Rows of a JSON Lines file by id.

    Raises:
        InvalidInput: the file is not there, or a line is malformed; the message names it.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
        found = [kind.model_validate_json(line) for line in lines]
    except (OSError, ValidationError) as error:
        raise InvalidInput(f"无法读取第二读者的记录：{path}。", why=" ".join(str(error).split())[:200]) from error
    return {row.id: row for row in found}


def compare(
    questions: Mapping[str, Question],
    readings: Mapping[str, Reading],
    labelled: Sequence[Labelled],
    labels: Mapping[str, Label],
) -> Found:
    """
    Raises:
        InvalidInput: a reading or a label is of nothing that there is.
    """
    astray = sorted({*readings} - {*questions}) + sorted({*labels} - {case.id for case in labelled})
    if astray:
        raise InvalidInput(
            f"第二读者的记录里有不存在的编号：{'、'.join(astray[:5])}。", next_step="补上题目，或删去这些记录。"
        )
    both = [(questions[identifier], reading) for identifier, reading in readings.items()]
    refuses = [(_word(asked.refusal), _word(reading.refusal)) for asked, reading in both]
    rated = [(case, labels[case.id]) for case in labelled if case.id in labels]
    correct = [(case.correctness, label.correctness) for case, label in rated]
    grounded = [(case.grounding, label.grounding) for case, label in rated]
    return Found(
        questions=len(both),
        refusals={f"{gold}/{reader}": refuses.count((gold, reader)) for gold in _WORDS for reader in _WORDS},
        refusal_kappa=kappa(refuses),
        reasons=sum(asked.refusal == reading.refusal for asked, reading in both if asked.refusal and reading.refusal),
        rows=_rows(both),
        differences={asked.id: what for asked, reading in both if (what := difference(asked, reading))},
        labels=len(rated),
        correctness=_same(correct),
        correctness_kappa=kappa(correct),
        grounding=_same(grounded),
        grounding_kappa=kappa(grounded),
        label_differences=[
            case.id
            for case, label in rated
            if (case.correctness, case.grounding) != (label.correctness, label.grounding)
        ],
    )


def difference(asked: Question, reading: Reading) -> str:
    """What gold and reader differ on: ``refusal``, ``reason``, ``article``, ``place`` or ``fact``; empty where they agree."""
    if bool(asked.refusal) != bool(reading.refusal):
        return "refusal"
    if asked.refusal:
        return "" if asked.refusal == reading.refusal else "reason"
    if not _agree(asked, reading, article_level):
        return "article"
    if not _agree(asked, reading):
        return "place"
    return "" if _has_facts(asked, reading) else "fact"


_WORDS = ("refuse", "answer")


def _word(refusal: RefusalReason | None) -> str:
    return _WORDS[refusal is None]


def _same(compared: Sequence[tuple[str, str]]) -> int:
    return sum(first == second for first, second in compared)


def _rows(both: Sequence[tuple[Question, Reading]]) -> dict[str, Row]:
    answered = [(asked, reading) for asked, reading in both if not asked.refusal and not reading.refusal]
    found = {}
    for category in dict.fromkeys(asked.category for asked, _ in answered):
        mine = [entry for entry in answered if entry[0].category == category]
        found[category] = Row(
            answered=len(mine),
            article=sum(_agree(*entry, article_level) for entry in mine),
            place=sum(_agree(*entry) for entry in mine),
            fact=sum(_has_facts(*entry) for entry in mine),
        )
    return found


def _agree(asked: Question, reading: Reading, of: Callable[[str], str] = str) -> bool:
    """Whether the reader names a place for every requirement of the gold. A place agrees with one that lies within it."""
    named = [of(place) for alternatives in reading.places for place in alternatives]
    gold = asked.gold if reading.gold_before is None else reading.gold_before
    return all(
        any(meets(found, of(place)) or meets(of(place), found) for place in alternatives for found in named)
        for alternatives in gold
    )


def _has_facts(asked: Question, reading: Reading) -> bool:
    facts = asked.facts if reading.facts_before is None else reading.facts_before
    return all(any(states(reading.fact, spelling) for spelling in fact) for fact in facts)
