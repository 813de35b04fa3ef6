"""From a passage to what is cited inside it: sentences with the 款 and 项 they stand in."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.numerals import CHINESE_DIGITS, item_to_int, to_chinese
from rag.types import Passage, Unit

_ARTICLE_HEAD = re.compile(
    rf"^第[{CHINESE_DIGITS}]+[条條](?:之[{CHINESE_DIGITS}]+)?[ \t　]*(?:[〔【][^〕】]*[〕】])?[ \t　]*"
)
# 项 of Chinese instruments （一）; points of European ones （a）（ba）（60）（14a）.
_ITEM = re.compile(rf"^[（(](?P<label>[{CHINESE_DIGITS}]+|[a-z]{{1,2}}|\d{{1,3}}[a-z]?)[）)][ \t　]*")
_SENTENCE_END = re.compile(r"(?<=[。！？])(?![”’」』）〕])|(?<=[。！？][”’」』）〕])")
_ENGLISH_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_FOOTNOTE = re.compile(r"^\[\^\d+\]:")


@lru_cache(maxsize=4096)
def units(passage: Passage) -> tuple[Unit, ...]:
    """Citable units of a passage in reading order: an item of a list, else a sentence; a table is one unit.

    Every unit knows its 款 (``paragraph``, counted from 1 inside an article) and its 项 (``item``), and for an item the ``stem``: the
    sentence that introduces the list, without which the item cannot be understood.
    """
    found: list[Unit] = []
    paragraph, stem = passage.paragraph_offset, None
    for start, line in _lines(passage.text, is_article=passage.article is not None):
        if line.startswith("|"):
            found.append(_unit(passage, start, line, paragraph=None))
            continue
        item = _ITEM.match(line) if passage.article else None
        if item is None:
            paragraph += 1
            stem = _sentences(line)[-1][1] if line.endswith(("：", ":")) else None
        number = None
        if item is not None:
            number = item_to_int(item["label"])
        pieces = [(0, line)] if item is not None or _FOOTNOTE.match(line) else list(_sentences(line))
        for offset, piece in pieces:
            found.append(
                Unit(
                    text=piece,
                    start=passage.start + start + offset,
                    end=passage.start + start + offset + len(piece),
                    paragraph=(paragraph or 1) if passage.article else None,
                    item=number,
                    item_label=f"第（{item['label']}）项" if item is not None else None,
                    stem=stem if item is not None else None,
                )
            )
    return tuple(found)


def paragraph_count(passage: Passage) -> int:
    """Number of 款 of an article."""
    return max((unit.paragraph or 0 for unit in units(passage)), default=0)


def paragraph_label(passage: Passage, unit: Unit) -> str | None:
    """``第二款``; None where the article has a single paragraph, as lawyers then write none."""
    if unit.paragraph is None or paragraph_count(passage) < 2:
        return None
    return f"第{to_chinese(unit.paragraph)}款"


def _unit(passage: Passage, start: int, text: str, *, paragraph: int | None) -> Unit:
    return Unit(text=text, start=passage.start + start, end=passage.start + start + len(text), paragraph=paragraph)


def _lines(text: str, *, is_article: bool) -> list[tuple[int, str]]:
    """Non-empty lines with their offsets; the number of the article is no part of its text, table rows stay together."""
    head = _ARTICLE_HEAD.match(text) if is_article else None
    position = head.end() if head else 0
    found: list[tuple[int, str]] = []
    for raw in text[position:].split("\n"):
        line = raw.strip()
        start = position + len(raw) - len(raw.lstrip())
        if line:
            previous = found[-1] if found else None
            if line.startswith("|") and previous and previous[1].startswith("|"):
                found[-1] = (previous[0], text[previous[0] : start + len(line)])
            else:
                found.append((start, line))
        position += len(raw) + 1
    return found


def _sentences(line: str) -> list[tuple[int, str]]:
    pattern = _SENTENCE_END if re.search(r"[\u4e00-\u9fff]", line) else _ENGLISH_SENTENCE_END
    pieces: list[tuple[int, str]] = []
    start = 0
    for end in [*(match.start() for match in pattern.finditer(line)), len(line)]:
        piece = line[start:end].strip()
        if piece:
            pieces.append((line.index(piece, start), piece))
        start = end
    return pieces
