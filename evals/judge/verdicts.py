"""What a judge may say. Anything else that it says is a failure of its own, never a score."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Correctness = Literal["correct", "incomplete", "incorrect"]
Grounding = Literal["grounded", "misgrounded", "ungrounded"]
Better = Literal["A", "B", "tie"]
CORRECTNESS: tuple[Correctness, ...] = ("correct", "incomplete", "incorrect")
GROUNDING: tuple[Grounding, ...] = ("grounded", "misgrounded", "ungrounded")
"""Both best first (Magesh et al., 2024, "Hallucination-Free?", with what is missing told apart from what is wrong)."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    reason: str = Field(min_length=1)


class Rating(_Strict):
    correctness: Correctness
    grounding: Grounding


class Preference(_Strict):
    better: Better


@dataclass(frozen=True, slots=True)
class Failure:
    """The judge gave no verdict: it could not be reached, or said something else than was asked for."""

    why: str


Verdict = TypeVar("Verdict", Rating, Preference)
_FENCED = re.compile(r"\s*```(?:json)?\s*\n(?P<inside>.*)\n\s*```\s*", re.S)


def read(reply: str, kind: type[Verdict]) -> Verdict:
    """The verdict of a reply that is one JSON object with exactly the fields asked for; a code fence around it is allowed.

    Raises:
        pydantic.ValidationError: it is anything else.
    """
    fenced = _FENCED.fullmatch(reply)
    return kind.model_validate_json(fenced["inside"] if fenced else reply)
