"""The contents of a document: its articles or sections, in reading order, each with the line that it begins on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from rag.types import Passage

_TOPIC = re.compile(r"〔([^〕]*)〕")


@dataclass(frozen=True, slots=True)
class Entry:
    """An article or section: ``at`` is the offset of the line it begins on (its heading, where it has one), ``end`` that of its last character.

    ``group`` names the chapter of an instrument; ``passage_id`` is that of its first passage.
    """

    passage_id: str
    label: str
    group: str
    at: int
    end: int
    article: str | None
    section: str | None


def outline(text: str, passages: Sequence[Passage]) -> tuple[Entry, ...]:
    """Entries of a document with these passages, in reading order; none where it has neither articles nor sections."""
    named = [passage for passage in passages if passage.article or passage.section]
    entries = []
    for _, group in groupby(named, key=lambda passage: (passage.article, passage.section, passage.headings)):
        pieces = list(group)
        first = pieces[0]
        entries.append(
            Entry(
                passage_id=first.id,
                label=_label(first),
                group=" ".join(first.headings) if first.article else "",
                at=_first_line(text, first.start),
                end=pieces[-1].end,
                article=first.article,
                section=first.section,
            )
        )
    return tuple(entries)


def entry_at(entries: Sequence[Entry], offset: int) -> int | None:
    """The position of the entry that an offset lies in."""
    return next((n for n, entry in enumerate(entries) if entry.at <= offset < entry.end), None)


def _label(passage: Passage) -> str:
    if passage.article:
        return f"{passage.article} {passage.topic}" if passage.topic else passage.article
    return _TOPIC.sub(r"\1", passage.headings[-1]).strip() if passage.headings else passage.section or ""


def _first_line(text: str, start: int) -> int:
    """Where the line of ``start`` begins, or, where it is no heading itself, the heading right above it."""
    line = text.rfind("\n", 0, start) + 1
    if text.startswith("#", line):
        return line
    above = text[:line].rstrip()
    heading = above.rfind("\n") + 1
    return heading if text.startswith("#", heading) else line
