"""What an exported file is made of, whatever its format: blocks of spans, notes and sources."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rag.export.label import ImplicitLabel


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text of one look, or, with ``note``, the number of a footnote."""

    text: str = ""
    bold: bool = False
    italic: bool = False
    note: int | None = None


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` 1: a question; 2: a part of its answer."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True)
class Paragraph:
    line: Line


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list; ``depth`` from 0."""

    line: Line
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Aside:
    """A warning, or what else stands apart."""

    line: Line


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: rows of cells, the first row is its head, every row as long as that."""

    rows: tuple[tuple[Line, ...], ...]


Block = Heading | Paragraph | Item | Aside | Grid


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: the citation as lawyers write it, what it quotes, what kind of text that is, and where it stands."""

    number: int
    label: str
    quote: str
    about: str
    place: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """A cited document with its version: title and number, dates in force, digest or official, official page."""

    title: str
    version: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Paper:
    """An answer or a conversation, ready to be written in any format. ``facts`` say when and from what it was made."""

    title: str
    created: dt.datetime
    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]
    sources: tuple[Source, ...]
    facts: tuple[str, ...]
    label: ImplicitLabel


def text(content: str, *, bold: bool = False) -> Line:
    return (Span(content, bold=bold),)
