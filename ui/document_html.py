"""A stored document as HTML with one span highlighted. Everything from the document is escaped."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html import escape
from itertools import groupby

_HEADING = re.compile(r"^(#{1,6})[ \t]+")
_HIDDEN = re.compile(r"^问法[:：]")  # written for retrieval, no part of the source
_NOTE = re.compile(r"^注[:：]")
_TABLE = re.compile(r"^\|.*\|\s*$")
_RULE = re.compile(r"^\|[\s|:-]+\|\s*$")

Line = tuple[str, int]
"""A line without its end, and its offset in the document."""


def document_html(text: str, start: int, end: int, anchors: Collection[int] = ()) -> str:
    """The document's text as HTML; what lies in ``text[start:end]`` is inside ``<mark>``.

    Offsets are characters of ``text``. An empty span highlights nothing. ``anchors`` are offsets of lines that can be jumped to: their element
    has the offset as ``data-at``.
    """
    parts = []
    for is_table, group in groupby(_lines(text), key=lambda line: bool(_TABLE.match(line[0]))):
        lines = list(group)
        if is_table:
            at = next((line[1] for line in lines if line[1] in anchors), None)
            parts.append(_table(lines, start, end, _anchor(at)))
        else:
            parts.extend(_block(line, start, end, _anchor(line[1] if line[1] in anchors else None)) for line in lines)
    return "\n".join(part for part in parts if part)


def _anchor(at: int | None) -> str:
    return "" if at is None else f' data-at="{at}"'


def locate(text: str, quote: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the quote stands: at its own place, else at the only place that has it, else nowhere.

    The last two happen when the index was rebuilt after the answer was given.
    """
    if text[start:end] == quote:
        return start, end
    if quote and text.count(quote) == 1:
        found = text.index(quote)
        return found, found + len(quote)
    return None


def _lines(text: str) -> Iterator[Line]:
    position = 0
    for line in text.split("\n"):
        yield line.rstrip("\r"), position
        position += len(line) + 1


def _block(line: Line, start: int, end: int, anchor: str) -> str:
    content, at = line
    if not content.strip() or _HIDDEN.match(content):
        return ""
    heading = _HEADING.match(content)
    if heading:
        level = min(len(heading[1]) + 1, 6)
        return f"<h{level}{anchor}>{_marked(content[heading.end() :], at + heading.end(), start, end)}</h{level}>"
    note = ' class="note"' if _NOTE.match(content) else ""
    return f"<p{note}{anchor}>{_marked(content, at, start, end)}</p>"


def _table(lines: list[Line], start: int, end: int, anchor: str) -> str:
    rows: list[str] = []
    for content, at in lines:
        if _RULE.match(content):
            continue
        tag = "td" if rows else "th"
        cells = [
            f"<{tag}>{_marked(cell[0], at + cell.start(), start, end)}</{tag}>"
            for cell in re.finditer(r"[^|]+", content.rstrip())
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table{anchor}>{''.join(rows)}</table>"


def _marked(content: str, at: int, start: int, end: int) -> str:
    """``content``, which begins at offset ``at``, escaped, with its share of the span in ``<mark>``."""
    first, last = max(start - at, 0), min(end - at, len(content))
    if first >= last:
        return escape(content)
    return f"{escape(content[:first])}<mark>{escape(content[first:last])}</mark>{escape(content[last:])}"
