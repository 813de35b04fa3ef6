"""What is judged: an answer with the sources that it lists, and what a right answer says."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.judge.verdicts import Correctness, Grounding
from evals.questions import Question
from rag.errors import InvalidInput
from rag.types import Answer

LABELLED = Path(__file__).with_name("labelled.jsonl")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Strict):
    n: int
    label: str
    text: str


class Case(_Strict):
    """``reference``: what a right answer says; empty where nobody wrote it down."""

    id: str
    question: str
    reference: str
    answer: str
    sources: tuple[Source, ...] = ()


class Labelled(Case):
    """A case with the verdict of a person, and why. ``origin``: whose answer it is, or the defect that was made on purpose."""

    correctness: Correctness
    grounding: Grounding
    origin: str
    why: str


def case_of(question: Question, answer: Answer) -> Case:
    """The reference of an evaluation question is its decisive facts, the first spelling of each."""
    return Case(
        id=question.id,
        question=question.question,
        reference="；".join(fact[0] for fact in question.facts),
        answer=answer.answer,
        sources=tuple(Source(n=c.n, label=c.label, text=c.quote) for c in answer.citations),
    )


def read_labelled(path: Path = LABELLED) -> list[Labelled]:
    """
    Raises:
        InvalidInput: the file cannot be read, or a line is malformed; the message names it.
    """
    found = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"无法读取标注集：{path}。", why=str(error)) from error
    for number, line in enumerate(lines, start=1):
        try:
            found.append(Labelled.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise InvalidInput(f"{path} 第 {number} 行有误。", why=f"{where}: {first['msg']}") from error
    return found


def fingerprint(path: Path = LABELLED) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
