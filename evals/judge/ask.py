"""Putting cases before the judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import ValidationError

from evals.judge.cases import Case, Source
from evals.judge.prompts import PAIRWISE, RUBRIC
from evals.judge.verdicts import Better, Failure, Preference, Rating, Verdict, read
from evals.systems.chat import ask
from rag.generate.failure import failure_of

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

READINGS = 2
"""Replies that are asked for before one that cannot be read is a failure."""
_NO_REFERENCE = "（没有）"
_NO_SOURCES = "（没有列出来源）"
_SWAPPED: dict[Better, Better] = {"A": "B", "B": "A", "tie": "tie"}


def rate(model: BaseChatModel, case: Case) -> Rating | Failure:
    prompt = RUBRIC.format(
        question=case.question,
        reference=case.reference or _NO_REFERENCE,
        answer=case.answer,
        sources=_listed(case.sources),
    )
    return _verdict(model, prompt, Rating)


def prefer(model: BaseChatModel, a: Case, b: Case) -> Better | Failure:
    """Asked twice, with the answers swapped: a preference that turns with the order is none."""
    first, second = _verdict(model, _pair(a, b), Preference), _verdict(model, _pair(b, a), Preference)
    for verdict in (first, second):
        if isinstance(verdict, Failure):
            return verdict
    assert isinstance(first, Preference)
    assert isinstance(second, Preference)
    return first.better if first.better == _SWAPPED[second.better] else "tie"


def _verdict(model: BaseChatModel, prompt: str, kind: type[Verdict]) -> Verdict | Failure:
    why = ""
    for _ in range(READINGS):
        try:
            return read(ask(model, prompt), kind)
        except ValidationError as error:
            why = f"裁判的答复不合格式：{error.errors()[0]['msg']}"
        except Exception as error:  # whatever a provider's package raises
            return Failure(failure_of(error).message)
    return Failure(why)


def _pair(a: Case, b: Case) -> str:
    return PAIRWISE.format(
        question=a.question,
        reference=a.reference or _NO_REFERENCE,
        answer_a=a.answer,
        sources_a=_listed(a.sources),
        answer_b=b.answer,
        sources_b=_listed(b.sources),
    )


def _listed(sources: Sequence[Source]) -> str:
    return "\n".join(f"[{source.n}] {source.label}：{source.text}" for source in sources) or _NO_SOURCES
