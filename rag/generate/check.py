"""One raw sentence of a model's reply: its keys resolved, judged, and put into the form in which it is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.cite import Citations
from rag.compose import markers
from rag.generate.judge import Judgement, by_key, judge
from rag.generate.keys import KeyRing
from rag.generate.marks import MARKS, MENDED
from rag.generate.notes import is_note, is_refusal
from rag.names import Names
from rag.types import Claim, Hit

_PREFIX = re.compile(r"^(?:\s|[-*•]\s+|#+\s*|>\s*|(?P<number>\d{1,2})[.、)]\s*(?=\S))*")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_MARKUP = re.compile(r"\*\*|__|`|<[^<>]{0,200}>|(?:https?|ftp)://\S+")


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence of a model: ``text`` without markup and keys, what it is led in by, and its judgement; None where it states nothing."""

    text: str
    before: str
    judgement: Judgement | None
    unknown: int = 0

    @property
    def fails(self) -> bool:
        return self.judgement is not None and self.judgement.weighed.support != "supported"

    @property
    def is_refusal(self) -> bool:
        return is_refusal(self.text)

    def shown(self, citations: Citations) -> tuple[str, Claim | None]:
        """The sentence with its numbers and its mark, and the claim that it makes."""
        if self.judgement is None:
            return self.before + self.text, None
        weighed = self.judgement.weighed
        numbers = tuple(dict.fromkeys(citations.cite(s.hit, s.unit).n for s in self.judgement.sources))
        mark = MARKS[weighed.support] + (MENDED if self.judgement.mended else "")
        claim = Claim(text=self.text, citations=numbers, support=weighed.support, score=weighed.score)
        return f"{self.before}{self.text}{markers(numbers)}{mark}", claim


class Checker:
    """Checks the sentences of one reply, in order."""

    def __init__(self, passages: Mapping[str, Hit], names: Names) -> None:
        self.ring = KeyRing(list(passages))
        self._passages, self._names = passages, names
        self._given: Sequence[Hit] = tuple(passages.values())
        self._newline = True

    def begin(self) -> None:
        """A new reply begins."""
        self._newline = True

    def check(self, raw: str) -> Checked | None:
        """The sentence, checked; None where nothing is left of it but keys and white space."""
        prefix = _PREFIX.match(raw)
        lead = prefix[0] if prefix else ""
        resolved = self.ring.resolve(_MARKUP.sub("", _LINK.sub(r"\1", raw[len(lead) :])))
        text = " ".join(resolved.text.replace("|", "｜").split())
        if not re.search(r"\w", text):
            self._newline = self._newline or "\n" in raw
            return None
        before = self._before(lead, prefix["number"] if prefix else None)
        self._newline = raw.endswith("\n")
        noted = is_refusal(text) or (not resolved.keys and is_note(text))
        judgement = None if noted else judge(text, by_key(resolved.keys, self._passages), self._given, self._names)
        return Checked(text, before, judgement, len(resolved.unknown))

    def _before(self, lead: str, number: str | None) -> str:
        """Line breaks and list marks as Markdown wants them; nothing else of what a model draws."""
        starts_line = self._newline or "\n" in lead
        if not starts_line:
            return ""
        if number:
            return f"\n{number}. "
        return "\n- " if re.search(r"[-*•]\s", lead) else "\n\n"
