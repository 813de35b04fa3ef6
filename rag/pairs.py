"""Cases that are named beside each other without 案: 威科先行和Dreamwriter, 伴心与蝴蝶椅. Alone, such a word may be anything; two of them are cases, unless they
are words that everybody has (``rag/data/not_case_names.txt``): AI声音和AI拼图 are no cases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.data import word_list
from rag.names import Names
from rag.types import Kind

_CASE = "案"
_BETWEEN = re.compile(r"\s*(?:和|与|跟|同|及|以及|、|对比|相比|还是|vs|v\.|and)\s*")
_LONGEST, _SHORTEST = 16, 2

_EVERYDAY = tuple(word_list("not_case_names"))

Found = tuple[int, int, str]
"""Start and end in the text, and the folded name that the case has."""


def pairs(folded: str, names: Names) -> Iterator[Found]:
    """Names of two different judgments on both sides of a word that joins them, one of them at least without 案."""
    for between in _BETWEEN.finditer(folded):
        left = _before(folded, between.start(), names)
        right = _after(folded, between.end(), names) if left else None
        if left and right and _ids(left, names).isdisjoint(_ids(right, names)):
            yield from (found for found in (left, right) if not folded[found[0] : found[1]].endswith(_CASE))


def _ids(found: Found, names: Names) -> set[str]:
    held = names.held(found[2])
    return set(held.ids) if held else set()


def _before(folded: str, end: int, names: Names) -> Found | None:
    for start in range(max(0, end - _LONGEST), end - _SHORTEST + 1):
        if key := _case(folded[start:end], names):
            return start, end, key
    return None


def _after(folded: str, start: int, names: Names) -> Found | None:
    for end in range(min(len(folded), start + _LONGEST), start + _SHORTEST - 1, -1):
        if key := _case(folded[start:end], names):
            return start, end, key
    return None


def _case(words: str, names: Names) -> str | None:
    """The name of a judgment that these words are, with 案 or without."""
    if not words.endswith(_CASE) and words.startswith(_EVERYDAY):
        return None
    key = words if words.endswith(_CASE) else f"{words}{_CASE}"
    held = names.held(key)
    is_case = held is not None and held.ids and all(names.metas[i].kind is Kind.JUDGMENT for i in held.ids)
    return key if is_case else None
