"""A paper as PDF: superscript numbers that link to notes at its end, the implicit label in the Info dictionary's AIGC.

The typeface is STSong-Light, one of those that PDF readers bring themselves for Chinese: no font file is needed, and none is embedded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from rag.export.blocks import Aside, Block, Grid, Heading, Item, Line, Note, Paper, Paragraph, Source
from rag.export.label import DISCLAIMER, FIELD, VISIBLE

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Flowable

_FONT, _WESTERN = "STSong-Light", "Helvetica"
_INK, _QUIET, _ACCENT, _LINE = "#24272b", "#5c656d", "#2f5d8a", "#c9c4b8"
_NOT_FIRST = "，。；：！？、）》〉」』】〕”’"
_NARROWEST = 52
"""Points of a column at least: four characters and the room beside them."""
_PADDING, _TALL = 16, 450
"""Points of a cell beside its text; height from which a row may be broken."""
_ROOM = 110
"""Points that a heading needs above the end of a page."""
_MARGIN = 62
"""Points on each side of an A4 page."""


def pdf_file(paper: Paper) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    buffer = io.BytesIO()
    template = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title=paper.title, author=paper.label.ContentProducer, creator="aigc-law-qa", subject=VISIBLE, lang="zh-CN",
    )  # fmt: skip
    template.build(_story(paper, A4[0] - 2 * _MARGIN - 12), onFirstPage=_number_page, onLaterPages=_number_page)
    return _labelled(buffer.getvalue(), paper.label.as_json())


def _labelled(content: bytes, label: str) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.add_metadata({f"/{FIELD}": label})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _story(paper: Paper, width: float) -> list[Flowable]:
    from reportlab.platypus import CondPageBreak
    from reportlab.platypus import Paragraph as Text

    styles = _styles()
    story: list[Flowable] = [Text(_escape(paper.title), styles["title"]), Text(_escape(VISIBLE), styles["label"])]
    for block in paper.blocks:
        if isinstance(block, Heading):
            # Room for its first lines; to be kept together with what follows would drive a long table to the next page.
            story.append(CondPageBreak(_ROOM))
        story.append(_block(block, width))
    story.extend(_end(paper))
    return story


def _end(paper: Paper) -> Iterator[Flowable]:
    from reportlab.platypus import AnchorFlowable
    from reportlab.platypus import Paragraph as Text

    styles = _styles()
    if paper.notes:
        yield from _heading("注释")
        for note in paper.notes:
            # Not an anchor inside the text: reportlab cannot break Chinese lines around those.
            yield AnchorFlowable(f"note-{note.number}")
            yield Text(_note(note), styles["note"])
    if paper.sources:
        yield from _heading("来源")
        yield from (Text(f"{n}. {_source(source)}", styles["note"]) for n, source in enumerate(paper.sources, 1))
    yield from _heading("说明")
    yield from (Text(_escape(fact), styles["note"]) for fact in paper.facts)
    yield Text(_escape(DISCLAIMER), styles["label"])


def _heading(title: str) -> Iterator[Flowable]:
    from reportlab.platypus import CondPageBreak
    from reportlab.platypus import Paragraph as Text

    yield CondPageBreak(_ROOM)
    yield Text(title, _styles()["heading1"])


def _block(block: Block, width: float) -> Flowable:
    from reportlab.platypus import Paragraph as Text

    styles = _styles()
    match block:
        case Heading():
            return Text(_line(block.line), styles[f"heading{block.level}"])
        case Paragraph():
            return Text(_line(block.line), styles["text"])
        case Item():
            return Text(_line(block.line), styles["item"], bulletText="•")
        case Aside():
            return Text(_line(block.line), styles["aside"])
        case Grid():
            return _grid(block, width)


def _grid(grid: Grid, width: float) -> Flowable:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph as Text
    from reportlab.platypus import Table

    cell, widths = _styles()["cell"], _widths(grid, width)
    table = Table(
        [[Text(_line(line), cell) for line in row] for row in grid.rows],
        colWidths=widths, repeatRows=1, splitInRow=int(_is_tall(grid, widths)), spaceBefore=4, spaceAfter=8,
    )  # fmt: skip
    table.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, HexColor(_LINE)),
            ("BACKGROUND", (0, 0), (-1, 0), HexColor("#f1efe9")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("RIGHTPADDING", (0, 0), (-1, -1), 10),  # room for a sign that may not begin the next line
        ]
    )
    return table


def _widths(grid: Grid, width: float) -> list[float]:
    """Columns as wide as their longest cell asks for, within bounds that keep each of them legible."""
    longest = [max(sum(len(span.text) for span in cell) for cell in column) for column in zip(*grid.rows, strict=True)]
    shares = [min(length, 40) + 4 for length in longest]
    least = min(_NARROWEST, width / len(shares))
    free = width - least * len(shares)
    return [least + free * share / sum(shares) for share in shares]


def _is_tall(grid: Grid, widths: list[float]) -> bool:
    """Whether a row may not fit on a page, so that it has to be broken inside."""
    cell = _styles()["cell"]
    most = max(
        sum(len(span.text) for span in line) * cell.fontSize / (width - _PADDING)
        for row in grid.rows
        for line, width in zip(row, widths, strict=True)
    )
    return bool(most * cell.leading > _TALL)


def _line(line: Line) -> str:
    return "".join(_escape(span.text) if span.note is None else _reference(span.note) for span in line)


def _reference(note: int) -> str:
    """A superscript number that leads to its note."""
    return f'<super><a href="#note-{note}" color="{_ACCENT}">[{note}]</a></super>'


def _note(note: Note) -> str:
    said = f"[{note.number}] {note.label}：“{note.quote}”（{note.about}；{note.place}）"
    return _escape(said) + _url(note.url)


def _source(source: Source) -> str:
    return f"{_escape(source.title)}。{_escape(source.version)}。{_url(source.url)}"


def _url(url: str | None) -> str:
    return f' <a href={quoteattr(url)} color="{_ACCENT}">{escape(url)}</a>' if url else ""


def _escape(content: str) -> str:
    """Text for reportlab's markup; what the Chinese typeface lacks (ý, ř) goes to the Western one."""
    return "".join(
        f'<font name="{_WESTERN}">{escape("".join(run))}</font>' if western else escape("".join(run))
        for western, run in groupby(content, _is_western)
    )


def _is_western(character: str) -> bool:
    """Whether only the Western typeface has it: a letter of Latin-1 that GB 2312 has no place for."""
    return "\xa1" <= character <= "\xff" and not _encodable(character)


def _encodable(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _number_page(canvas: object, template: object) -> None:
    """The visible label and the page's number at the foot of every page."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    del template
    assert isinstance(canvas, Canvas)
    canvas.saveState()
    canvas.setFont(_FONT, 8)
    canvas.setFillColor(HexColor(_QUIET))
    canvas.drawString(_MARGIN, _MARGIN / 2, "人工智能生成，仅供参考")
    canvas.drawRightString(A4[0] - _MARGIN, _MARGIN / 2, str(canvas.getPageNumber()))
    canvas.restoreState()


@cache
def _styles() -> dict[str, ParagraphStyle]:
    from reportlab.lib import textsplit
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import paragraph

    # reportlab knows which signs may not begin a line in Japanese; Chinese has more of them.
    for module in (paragraph, textsplit):
        module.ALL_CANNOT_START += "".join(sign for sign in _NOT_FIRST if sign not in module.ALL_CANNOT_START)
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    pdfmetrics.registerFontFamily(_FONT, _FONT, _FONT, _FONT, _FONT)  # it comes in one weight
    text = ParagraphStyle(
        "text", fontName=_FONT, bulletFontName=_FONT, fontSize=10.5, leading=17, spaceAfter=6, textColor=HexColor(_INK),
        wordWrap="CJK",
    )  # fmt: skip

    def like(name: str, **changes: object) -> ParagraphStyle:
        return ParagraphStyle(name, parent=text, **changes)

    quiet = HexColor(_QUIET)
    styles = (
        text,
        like("title", fontSize=18, leading=26, spaceAfter=8),
        like("label", fontSize=10.5, spaceBefore=4, spaceAfter=10, borderColor=HexColor(_LINE), borderWidth=0.5, borderPadding=5),
        like("heading1", fontSize=14, leading=22, spaceBefore=12),
        like("heading2", fontSize=12, leading=19, spaceBefore=6, textColor=HexColor(_ACCENT)),
        like("item", leftIndent=14, bulletIndent=2),
        like("aside", leftIndent=12, textColor=quiet, fontSize=9.5, leading=15),
        like("cell", fontSize=8.5, leading=13, spaceAfter=0),
        like("note", fontSize=8.5, leading=13.5, spaceAfter=3, textColor=quiet),
    )  # fmt: skip
    return {style.name: style for style in styles}
