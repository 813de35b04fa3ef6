"""Questions of our own with what answers them, to train and tune the writing of answers; none of them is a question of the evaluation."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class AnswerQuestion:
    """A question, the places that answer it (each requirement with its alternatives), and the words of a right answer with their spellings."""

    id: str
    question: str
    history: tuple[tuple[str, str], ...]
    as_of: dt.date | None
    gold: tuple[tuple[str, ...], ...]
    facts: tuple[tuple[str, ...], ...]
    refusal: str | None

    def is_gold(self, place: str) -> bool:
        """Whether a place (``copyright-law-2020/art-24/p1/i5``) is one of the gold ones or lies in it."""
        return any(place == gold or place.startswith(f"{gold}/") for alternatives in self.gold for gold in alternatives)


def read_answer_questions(path: Path) -> list[AnswerQuestion]:
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return [
        AnswerQuestion(
            row["id"],
            row["question"],
            tuple((user, assistant) for user, assistant in row["history"]),
            dt.date.fromisoformat(row["as_of"]) if row["as_of"] else None,
            tuple(map(tuple, row["gold"])),
            tuple(map(tuple, row["facts"])),
            row["refusal"],
        )
        for row in rows
    ]


def states(text: str, facts: Sequence[Sequence[str]]) -> bool:
    """Whether a text has one of the facts, in any of its spellings."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return any(unicodedata.normalize("NFKC", spelling).lower() in plain for fact in facts for spelling in fact)
