"""What ``rag`` tells the reader (refusals, warnings, errors) in the visitor's language.

Its own words are Chinese. In English they are put by their code (``words/told.yaml``); what has no code is shown as it is and said to be Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rag import AigcLawError
from rag.types import Refusal, Warning
from ui.words import catalogue, language, say

_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Told:
    """An error in words for the reader."""

    what: str
    why: str = ""
    next_step: str = ""

    def __str__(self) -> str:
        """All of it on one line."""
        if language() == "zh":
            return str(AigcLawError(self.what, why=self.why, next_step=self.next_step))
        parts = (self.what, self.why and say("chat.why", what=self.why), self.next_step)
        return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)


def message_of(told: Refusal | Warning) -> str:
    """What a refusal or a warning says."""
    return _put(told.code, told.message, dict(told.values))


def error_told(error: AigcLawError) -> Told:
    """What failed, why, and what to do next."""
    code, values = error.code, error.values
    return Told(
        what=_put(code, error.what, values),
        why=_put(f"{code}_why", error.why, values),
        next_step=_put(f"{code}_next", error.next_step, values),
    )


def _put(code: str, chinese: str, values: Mapping[str, object]) -> str:
    key = f"told.{code}"
    if language() == "zh" or not chinese:
        return chinese
    if key in catalogue():
        return say(key, **values).strip()
    # What another program said is no Chinese, and stands as it is.
    return say("told.in_chinese", what=chinese) if _HAN.search(chinese) else chinese
