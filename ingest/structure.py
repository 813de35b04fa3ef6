"""Find the legal structure of a text: chapters, articles, sections, paragraphs and tables, each with its span.

Two shapes are read. Instruments have articles (``第N条``), under headings of 编/章/节; every article runs to the next article or
heading; 條, 編 and 節 are read as 条, 编 and 节. Everything else has Markdown headings, or none. Lines that begin with ``问法：`` or
``注：`` belong to the block above them and lie outside its span.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rag.numerals import CHINESE_DIGITS
from rag.simplify import in_simplified

ARTICLE_LINE = re.compile(
    rf"^(?:#{{1,6}}[ \t　]*)?(?P<article>第[{CHINESE_DIGITS}]+[条條](?:之[{CHINESE_DIGITS}]+)?)"
    r"(?:[^\S\n]+(?=\S)|(?=[〔【])|[^\S\n]*$)"
)
_TOPIC = re.compile(r"^\s*[〔【](?P<topic>[^〕】]+)[〕】]\s*")
_HEADING = re.compile(r"^#{1,6}[ \t　]+\S")
_DIVISION = re.compile(rf"^第[{CHINESE_DIGITS}]+(?P<level>分[编編]|[编編章节節])(?:[ \t　]|$)")
DIVISION_LINE = re.compile(rf"^第[{CHINESE_DIGITS}]+(?:分[编編]|[编編章节節])[ \t　]+[^。；，：]{{1,30}}$")
_DIVISION_LEVELS = ("编", "分编", "章", "节")
_LAY_QUESTIONS = re.compile(r"^问法[:：][ \t　]*(?P<body>.+)$")
_NOTE = re.compile(r"^注[:：][ \t　]*(?P<body>.+)$")
_COMMENT = re.compile(r"^<!--.*-->$")
_END_OF_HISTORY = "<!-- INFO END -->"
MIN_ARTICLES = 2
"""Fewer article lines than this and a text is not read as an instrument: it merely mentions one."""


@dataclass(slots=True)
class Block:
    """A run of lines under one heading or article; ``start``/``end`` span its own text, without heading marks, 问法 and 注."""

    start: int
    end: int
    headings: tuple[str, ...] = ()
    article: str | None = None
    topic: str | None = None
    lay_questions: tuple[str, ...] = ()
    note: str | None = None
    continues: bool = False
    """Whether the text goes on from the block before, inside one article or section."""
    paragraphs: list[tuple[int, int]] = field(default_factory=list)
    table_line: int | None = None
    """Number of the last line that was a table's: the next one joins it."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int
    number: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def parse(text: str, *, instrument: bool = True) -> list[Block]:
    """Split ``text`` into blocks in reading order; spans neither overlap nor leave the text.

    ``instrument`` False: lines that look like articles are quotations of some other text.
    """
    lines = list(_lines(text))
    articles = sum(ARTICLE_LINE.match(line.text) is not None for line in lines)
    return list(_filled(_blocks(lines, instrument=instrument and articles >= MIN_ARTICLES)))


def _filled(blocks: Iterator[Block]) -> Iterator[Block]:
    """Blocks that have text; the lay questions of a heading without text go to the first block under it."""
    waiting: tuple[str, ...] = ()
    for block in blocks:
        if block.end > block.start:
            block.lay_questions = waiting + block.lay_questions
            waiting = ()
            yield block
        elif block.headings:
            waiting += block.lay_questions


def is_instrument(blocks: list[Block]) -> bool:
    return any(block.article for block in blocks)


def _lines(text: str) -> Iterator[_Line]:
    position = 0
    for number, raw in enumerate(text.split("\n")):
        yield _Line(raw.rstrip(), position, number)
        position += len(raw) + 1


def _blocks(lines: list[_Line], *, instrument: bool) -> Iterator[Block]:
    path: list[tuple[int, str]] = []
    block = Block(0, 0)
    for line in lines:
        article = ARTICLE_LINE.match(line.text) if instrument else None
        heading = _HEADING.match(line.text) or (instrument and DIVISION_LINE.match(line.text.strip()))
        if article:
            yield block
            block = _open_article(line, article, tuple(title for _, title in path))
        elif heading:
            yield block
            title = line.text.lstrip("# \t　").rstrip()
            _descend(path, title, len(line.text) - len(line.text.lstrip("#")))
            block = Block(line.end, line.end, headings=tuple(title for _, title in path), topic=_topic_of(title))
        elif _COMMENT.match(line.text):
            # What precedes the end of its history is no text of the instrument; other comments merely interrupt it.
            if line.text != _END_OF_HISTORY:
                yield block
            block = _continued(block, line)
        elif line.text.strip():
            if (block.lay_questions or block.note) and not _is_aside(line.text):
                yield block  # 问法 and 注 end a block: what follows is never spanned together with them
                block = _continued(block, line)
            _add_line(block, line)
    yield block


def _continued(block: Block, line: _Line) -> Block:
    """What follows an aside inside a block: the same place, spanned apart."""
    return Block(
        line.end,
        line.end,
        headings=block.headings,
        article=block.article,
        topic=block.topic,
        continues=block.start < block.end,
    )


def _open_article(line: _Line, match: re.Match[str], headings: tuple[str, ...]) -> Block:
    start = line.start + match.start("article")
    block = Block(start, line.end, headings=headings, article=in_simplified(match["article"]))
    rest = line.text[match.end() :]
    topic = _TOPIC.match(rest)
    if topic:
        block.topic = topic["topic"]
    body = line.start + match.end() + (topic.end() if topic else 0)
    if body < line.end:
        block.paragraphs.append((body, line.end))
    return block


def _descend(path: list[tuple[int, str]], title: str, marks: int) -> None:
    """Replace the part of the heading path that ``title`` closes; 编 > 分编 > 章 > 节 counts more than the number of #.

    The single # is the document's title, which every passage has anyway.
    """
    if marks == 1:
        path.clear()
        return
    division = _DIVISION.match(title)
    level = 10 + _DIVISION_LEVELS.index(in_simplified(division["level"])) if division else marks
    while path and path[-1][0] >= level:
        path.pop()
    path.append((level, title))


def _topic_of(title: str) -> str | None:
    found = re.search(r"〔([^〕]+)〕", title)
    return found[1] if found else None


def _is_aside(line: str) -> bool:
    return bool(_LAY_QUESTIONS.match(line) or _NOTE.match(line))


def _add_line(block: Block, line: _Line) -> None:
    if lay := _LAY_QUESTIONS.match(line.text):
        asked = (question.strip() for question in re.split(r"[；;]", lay["body"]))
        block.lay_questions += tuple(question for question in asked if question)
        return
    if note := _NOTE.match(line.text):
        block.note = f"{block.note}\n{note['body']}" if block.note else note["body"]
        return
    start = line.start + len(line.text) - len(line.text.lstrip())
    is_table = line.text.lstrip().startswith("|")
    if is_table and block.table_line == line.number - 1:
        block.paragraphs[-1] = (block.paragraphs[-1][0], line.end)
    else:
        block.paragraphs.append((start, line.end))
    if is_table:
        block.table_line = line.number
    if block.start == block.end:
        block.start = start
    block.end = line.end
