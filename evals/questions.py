"""Evaluation questions: what is asked, and what a right answer must cite, contain and avoid."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from rag.errors import InvalidInput
from rag.types import RefusalReason

DEFAULT_QUESTIONS = Path(__file__).parent / "questions.jsonl"


class Question(BaseModel):
    """One question with its gold.

    ``gold``: requirements, each a list of alternative pinpoints (``copyright-law-2020/art-24/p1/i5``, ``guangzhou-ultraman-2024/court-view``),
    any of which meets it. ``facts``: what a right answer says, each with accepted spellings. ``forbidden``: what only a wrong one says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    category: str
    question: str
    as_of: dt.date | None = None
    history: tuple[tuple[str, str], ...] = ()
    gold: tuple[tuple[str, ...], ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()
    forbidden: tuple[str, ...] = ()
    refusal: RefusalReason | None = None
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    why: str = ""
    split: Literal["dev", "test"] = "test"


def read_questions(path: Path = DEFAULT_QUESTIONS) -> list[Question]:
    """Questions of a JSON Lines file.

    Raises:
        InvalidInput: the file cannot be read, a line is malformed, or an id appears twice; the message names the line.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"无法读取评测问题：{path}。", why=str(error)) from error
    questions: dict[str, Question] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = Question.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise InvalidInput(f"{path} 第 {number} 行有误。", why=f"{where}: {first['msg']}") from error
        if question.id in questions:
            raise InvalidInput(f"{path} 第 {number} 行的 id 重复：{question.id}。")
        questions[question.id] = question
    return list(questions.values())
