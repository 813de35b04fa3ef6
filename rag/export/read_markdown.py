"""An answer's Markdown as blocks. HTML in it is text; links keep their words and images theirs, nothing is ever loaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from rag.export.blocks import Aside, Block, Grid, Heading, Item, Line, Paragraph, Span

if TYPE_CHECKING:
    from markdown_it.token import Token

OPEN, CLOSE, BRACKET = "\ue000", "\ue001", "\ue002"
"""Around the number of a citation's marker, and for a bracket that opens none: private characters, which no clean text has."""
_MARKER = re.compile(f"{OPEN}(\\d+){CLOSE}")

Numbering = Callable[[int], int]
"""From the number of a citation in its answer to that of a footnote in the file."""


def blocks_of(markdown: str, numbering: Numbering) -> list[Block]:
    """Blocks in reading order; ``numbering`` is asked for markers in that order, too."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown)
    return list(_blocks(tokens, numbering))


def _blocks(tokens: Sequence[Token], numbering: Numbering) -> Iterator[Block]:
    depth = quoted = 0
    rows: list[list[Line]] = []
    for position, token in enumerate(tokens):
        quoted += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        depth += token.nesting if token.type.endswith(("list_open", "list_close")) else 0
        if token.type == "table_close":
            yield _grid(rows)
            rows = []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type in ("fence", "code_block"):
            yield Paragraph(_marked(token.content.rstrip(), numbering))
        elif token.type == "inline":
            line = _line(token.children or [], numbering)
            if tokens[position - 1].type in ("th_open", "td_open"):
                rows[-1].append(line)
            elif line:
                yield _block(tokens[position - 1], line, depth, quoted)


def _block(parent: Token, line: Line, depth: int, quoted: int) -> Block:
    if parent.type == "heading_open" or (all(span.bold for span in line) and not quoted and not depth):
        return Heading(2, tuple(Span(span.text, italic=span.italic, note=span.note) for span in line))
    if quoted:
        return Aside(line)
    return Item(line, depth - 1) if depth else Paragraph(line)


def _grid(rows: Sequence[Sequence[Line]]) -> Grid:
    width = len(rows[0])
    return Grid(tuple(tuple(cell for cell, _ in zip_longest(row[:width], range(width), fillvalue=())) for row in rows))


def _line(children: Sequence[Token], numbering: Numbering) -> Line:
    spans: list[Span] = []
    bold = italic = 0
    for child in children:
        bold += child.nesting if child.type.startswith("strong") else 0
        italic += child.nesting if child.type.startswith("em_") else 0
        content = " " if child.type in ("softbreak", "hardbreak") else child.content
        spans.extend(_marked(content, numbering, bold=bool(bold), italic=bool(italic)))
    return tuple(spans)


def _marked(content: str, numbering: Numbering, *, bold: bool = False, italic: bool = False) -> Line:
    """Text with its markers as notes."""
    pieces = _MARKER.split(content.replace(BRACKET, "["))
    return tuple(
        Span(note=numbering(int(piece))) if position % 2 else Span(piece, bold, italic)
        for position, piece in enumerate(pieces)
        if piece
    )
