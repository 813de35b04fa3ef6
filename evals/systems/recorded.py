"""A system that is a file of its answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from evals.questions import Question
from evals.systems.outside import OutsideAnswer, Resolver, read_answer
from rag.errors import InvalidInput
from rag.pipeline import Assistant
from rag.types import Answer, Document


class NotAnswered(LookupError):
    """The file has no answer to this question."""


class Recorded:
    """Answers of JSON Lines, each with the ``id`` of its question. Made for the whole file at once: a bad line is refused before anything runs.

    Raises:
        InvalidInput: the file cannot be read, a line is malformed, or an id appears twice; the message names the line.
    """

    def __init__(self, path: Path, assistant: Assistant) -> None:
        self.name = path.stem
        self._answers = read_answers(path)
        self._assistant = assistant
        self._resolver = Resolver(assistant.index.catalog, assistant.names)

    def missing(self, questions: Iterable[Question]) -> list[str]:
        """Ids of questions that it does not answer."""
        return [question.id for question in questions if question.id not in self._answers]

    def unknown(self, questions: Iterable[Question]) -> list[str]:
        """Ids of answers to no question."""
        return sorted(self._answers.keys() - {question.id for question in questions})

    def answer(self, question: Question) -> Answer:
        """
        Raises:
            NotAnswered: which counts as a crash.
        """
        if question.id not in self._answers:
            raise NotAnswered("没有回答")
        return self._resolver.answer(self._answers[question.id], question, 0.0)

    def retrieve(self, question: Question, k: int) -> list[str] | None:
        del question, k
        return None

    def document(self, identifier: str) -> Document | None:
        return self._assistant.document(identifier)


def read_answers(path: Path) -> dict[str, OutsideAnswer]:
    """By id of the question."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"无法读取答案文件：{path}。", why=str(error), next_step="给出 UTF-8 的 JSON Lines 文件。"
        ) from error
    answers: dict[str, OutsideAnswer] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            given = read_answer(line)
        except ValidationError as error:
            first = error.errors()[0]
            raise _bad(path, number, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        except ValueError as error:
            raise _bad(path, number, str(error)) from error
        if not given.id:
            raise _bad(path, number, "id: 没有写明是哪道题的答案")
        if given.id in answers:
            raise _bad(path, number, f"id 重复：{given.id}")
        answers[given.id] = given
    return answers


def _bad(path: Path, number: int, why: str) -> InvalidInput:
    return InvalidInput(
        f"{path} 第 {number} 行有误。", why=why, next_step="每行一个 JSON 对象，至少有 id 和 answer；改正后重试。"
    )
