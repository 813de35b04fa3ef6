"""A place in an instrument: 条, 款 and 项."""

from __future__ import annotations

from dataclasses import dataclass

from rag.numerals import to_chinese

MAX_RANGE = 20
"""Articles of a range (第49条至第60条) that are looked up one by one; of a longer one, the first and the last."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a text names, at ``start`` to ``end`` of the folded text; ``article`` in the form of the statutes: 第二十四条."""

    start: int
    end: int
    article: str
    paragraph: int | None = None
    item: int | None = None


def article_label(number: int, sub: int | None = None) -> str:
    """24 → 第二十四条; 286, 1 → 第二百八十六条之一."""
    return f"第{to_chinese(number)}条" + (f"之{to_chinese(sub)}" if sub else "")


def between(first: int, last: int) -> range:
    """What lies between the ends of a range, unless it is too long to be looked up."""
    return range(first + 1, last) if first < last <= first + MAX_RANGE else range(0)
