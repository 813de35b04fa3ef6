"""Answers kept as they come, one JSON line each: a run that was cut off goes on where it was, and asks no question twice.

A line is the Answer JSON with the name of its system, so that ``python -m evals score`` reads the file as well. A crash is not kept: the question is
asked again the next time. Retrieval is not kept either; it costs no model.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from evals.json_lines import appending, objects
from evals.questions import Question
from evals.systems.protocol import System
from rag.errors import InvalidInput
from rag.types import Answer, Document, Fingerprints


class Kept:
    """A system whose answers are read from ``path`` where they stand there, and written to it where not; safe to ask from several threads.

    Args:
        turn: called before every question that is really asked; it may wait.

    Raises:
        InvalidInput: the file has answers of another system, index or settings, or cannot be read.
    """

    def __init__(
        self,
        system: System,
        path: Path,
        fingerprints: Fingerprints | None = None,
        turn: Callable[[], object] | None = None,
    ) -> None:
        self.name = system.name
        self._system, self._turn = system, turn
        self._answers = _read(path, system.name, fingerprints)
        self._file = appending(path)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._answers)

    def answer(self, question: Question) -> Answer:
        kept = self._answers.get(question.id)
        if kept is not None and _is_of(kept, question):
            return kept
        if self._turn:
            self._turn()
        given = self._system.answer(question).model_copy(update={"id": question.id})
        line = json.dumps({"system": self.name} | given.model_dump(mode="json"), ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()
            self._answers[question.id] = given
        return given

    def retrieve(self, question: Question, k: int) -> list[str] | None:
        return self._system.retrieve(question, k)

    def document(self, identifier: str) -> Document | None:
        return self._system.document(identifier)

    def close(self) -> None:
        self._file.close()


class Paced:
    """A system that begins no more than ``per_minute`` answers in a minute."""

    def __init__(self, system: System, turn: Callable[[], object]) -> None:
        self.name = system.name
        self._system, self._turn = system, turn

    def answer(self, question: Question) -> Answer:
        self._turn()
        return self._system.answer(question)

    def retrieve(self, question: Question, k: int) -> list[str] | None:
        return self._system.retrieve(question, k)

    def document(self, identifier: str) -> Document | None:
        return self._system.document(identifier)


def turns(per_minute: float) -> Callable[[], object]:
    """Waits until the next question may be asked; for all threads together."""
    from langchain_core.rate_limiters import InMemoryRateLimiter  # takes half a second

    return InMemoryRateLimiter(
        requests_per_second=per_minute / 60, check_every_n_seconds=0.05, max_bucket_size=1
    ).acquire


def _is_of(answer: Answer, question: Question) -> bool:
    """Whether it answers the question as it is asked now: an edited question is asked again."""
    return answer.question == question.question and question.as_of in (None, answer.as_of)


def _read(path: Path, system: str, fingerprints: Fingerprints | None) -> dict[str, Answer]:
    """The last kept answer of every question."""
    answers: dict[str, Answer] = {}
    for number, values in objects(path):
        named = values.pop("system", None)
        try:
            answer = Answer.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            raise _other(path, number, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        if named != system:
            raise _other(path, number, f"是“{named}”的答案，现在评测的是“{system}”")
        if fingerprints and answer.fingerprints != fingerprints:
            raise _other(path, number, "答案出自另外的语料、索引或设置")
        if answer.id:
            answers[answer.id] = answer
    return answers


def _other(path: Path, number: int, why: str) -> InvalidInput:
    return InvalidInput(f"不能接着用 {path} 第 {number} 行的答案。", why=why, next_step="换一个 --answers 文件。")
