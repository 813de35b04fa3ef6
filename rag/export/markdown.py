"""A paper as Markdown: YAML front matter with the implicit label, footnotes as ``[^1]``. All text is escaped; nothing in it is markup."""

from __future__ import annotations

import re

import yaml

from rag.export.blocks import Aside, Block, Grid, Heading, Item, Line, Note, Paper, Paragraph, Source
from rag.export.label import DISCLAIMER, FIELD, VISIBLE

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~$])")
_AT_START = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)]))")
_ENTITY = re.compile(r"&(?=#?\w+;)")


def markdown_file(paper: Paper) -> bytes:
    """The file in UTF-8."""
    meta = {
        "title": paper.title,
        "created": paper.created.isoformat(timespec="seconds"),
        FIELD: paper.label.model_dump(),
    }
    header = yaml.safe_dump(meta, allow_unicode=True, sort_keys=False, width=10_000)
    parts = [f"# {escape(paper.title)}", f"**{escape(VISIBLE)}**"]
    for position, block in enumerate(paper.blocks):
        joins = isinstance(block, Item) and position and isinstance(paper.blocks[position - 1], Item)
        parts[-1:] = [f"{parts[-1]}\n{_block(block)}"] if joins else [parts[-1], _block(block)]
    if paper.sources:
        parts += ["## 来源", "\n".join(f"{n}. {_source(source)}" for n, source in enumerate(paper.sources, 1))]
    parts += ["## 说明", "\n".join(f"- {escape(fact)}" for fact in paper.facts), f"**{escape(DISCLAIMER)}**"]
    parts += ["\n".join(_note(note) for note in paper.notes)] if paper.notes else []
    body = "\n\n".join(parts)
    return f"---\n{header}---\n\n{body}\n".encode()


def escape(content: str) -> str:
    """Text in which Markdown, and HTML inside it, sees nothing but text."""
    escaped = _ENTITY.sub(r"\\&", _SPECIAL.sub(r"\\\1", content))
    return _AT_START.sub(lambda m: f"{m[1]}{m[2]}\\" if m[2].isdigit() else f"{m[1]}\\{m[2]}", escaped)


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * (block.level + 1)} {_line(block.line)}"
        case Paragraph():
            return _line(block.line)
        case Item():
            return f"{'  ' * block.depth}- {_line(block.line)}"
        case Aside():
            return f"> {_line(block.line)}"
        case Grid():
            head, *rows = ("| " + " | ".join(_line(cell) for cell in row) + " |" for row in block.rows)
            return "\n".join([head, "|" + "---|" * len(block.rows[0]), *rows])


def _line(line: Line) -> str:
    return "".join(
        _span(span.text, span.bold, span.italic) if span.note is None else f"[^{span.note}]" for span in line
    )


def _span(content: str, bold: bool, italic: bool) -> str:
    stars = "**" * bold + "*" * italic
    inner = content.strip()
    if not stars or not inner:
        return escape(content)
    before, _, after = content.partition(inner)
    return f"{before}{stars}{escape(inner)}{stars[::-1]}{after}"


def _note(note: Note) -> str:
    url = f" <{note.url}>" if note.url else ""
    return f"[^{note.number}]: {escape(note.label)}：“{escape(note.quote)}”（{escape(note.about)}；{escape(note.place)}）{url}"


def _source(source: Source) -> str:
    return f"{escape(source.title)}。{escape(source.version)}。" + (f" <{source.url}>" if source.url else "")
