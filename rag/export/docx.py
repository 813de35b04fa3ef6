"""A paper as DOCX: footnotes as Word has them, the implicit label in the custom property AIGC."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from rag.export.blocks import Aside, Block, Grid, Heading, Item, Line, Paper, Paragraph, Source
from rag.export.docx_parts import W, add_custom_property, add_footnotes
from rag.export.label import DISCLAIMER, FIELD, VISIBLE

_LATIN, _HAN, _HAN_BOLD = "Times New Roman", "宋体", "黑体"
_INK = "24272B"


def docx_file(paper: Paper) -> bytes:
    import docx

    document = docx.Document()
    _set_styles(document)
    _set_properties(document, paper)
    document.add_heading(paper.title, 0)
    document.add_paragraph().add_run(VISIBLE).bold = True
    writer = _Writer(document)
    for block in paper.blocks:
        writer.block(block)
    _add_sources(document, paper)
    document.add_paragraph().add_run(DISCLAIMER).bold = True
    if paper.notes:
        add_footnotes(document, paper.notes)
    add_custom_property(document, FIELD, paper.label.as_json())
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


class _Writer:
    """Writes blocks; the first reference to a note is its footnote, later ones refer to that number."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._referred: set[int] = set()

    def block(self, block: Block) -> None:
        match block:
            case Heading():
                self._line(self._document.add_heading(level=block.level), block.line)
            case Paragraph():
                self._line(self._document.add_paragraph(), block.line)
            case Item():
                style = "List Bullet" if block.depth == 0 else "List Bullet 2"
                self._line(self._document.add_paragraph(style=style), block.line)
            case Aside():
                self._line(self._document.add_paragraph(style="Quote"), block.line)
            case Grid():
                self._grid(block)

    def _grid(self, grid: Grid) -> None:
        table = self._document.add_table(len(grid.rows), len(grid.rows[0]), style="Table Grid")
        for row, cells in zip(table.rows, grid.rows, strict=True):
            for cell, line in zip(row.cells, cells, strict=True):
                self._line(cell.paragraphs[0], line)
        _element(table.rows[0]._tr.get_or_add_trPr(), "tblHeader")
        self._document.add_paragraph()

    def _line(self, paragraph: Any, line: Line) -> None:
        for span in line:
            if span.note is not None:
                self._reference(paragraph, span.note)
                continue
            run = paragraph.add_run(span.text)
            run.bold, run.italic = span.bold or None, span.italic or None

    def _reference(self, paragraph: Any, note: int) -> None:
        if note in self._referred:
            _number_again(paragraph, note)
            return
        self._referred.add(note)
        # The bookmark is what later references take their number from.
        _element(paragraph._p, "bookmarkStart", id=str(note), name=f"_Note{note}")
        _element(paragraph.add_run(style="footnote reference")._r, "footnoteReference", id=str(note))
        _element(paragraph._p, "bookmarkEnd", id=str(note))


def _number_again(paragraph: Any, note: int) -> None:
    """A field with the number of a footnote that stands further up; Word updates it when footnotes are added."""
    for kind in ("begin", "separate", "end"):
        if kind == "end":
            paragraph.add_run(str(note), style="footnote reference")
        _element(paragraph.add_run()._r, "fldChar", fldCharType=kind)
        if kind == "begin":
            _element(paragraph.add_run()._r, "instrText").text = f" NOTEREF _Note{note} \\f \\h "


def _set_styles(document: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    styles = document.styles
    for name, size in (("footnote text", 9), ("footnote reference", None), ("Hyperlink", None)):
        kind = WD_STYLE_TYPE.PARAGRAPH if size else WD_STYLE_TYPE.CHARACTER
        style = styles.add_style(name, kind, builtin=True)
        style.element.set(qn("w:styleId"), "".join(word[0].upper() + word[1:] for word in name.split()))
        style.font.size = Pt(size) if size else None
    styles["footnote reference"].font.superscript = True
    styles["Hyperlink"].font.color.rgb = RGBColor.from_string("2F5D8A")
    styles["Normal"].font.size = Pt(11)
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    for style in styles:
        if style.type in (WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.TABLE) and getattr(style, "font", None) is not None:
            is_heading = style.name.startswith(("Heading", "Title"))
            if is_heading or style.name in ("Normal", "footnote text", "Quote"):
                _set_font(style, _HAN_BOLD if is_heading else _HAN)
                style.font.color.rgb = RGBColor.from_string(_INK)


def _set_font(style: Any, han: str) -> None:
    """Latin and Chinese typefaces are named apart; themes, which would win over both, are taken out."""
    from docx.oxml.ns import qn

    style.font.name = _LATIN
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), han)


def _set_properties(document: Any, paper: Paper) -> None:
    properties = document.core_properties
    properties.title, properties.author = paper.title[:255], paper.label.ContentProducer[:255]
    properties.comments, properties.language = VISIBLE, "zh-CN"
    # The property is in UTC and python-docx takes it without a zone.
    properties.created = properties.modified = paper.created.astimezone(dt.UTC).replace(tzinfo=None)


def _add_sources(document: Any, paper: Paper) -> None:
    if paper.sources:
        document.add_heading("来源", 1)
    for number, source in enumerate(paper.sources, 1):
        paragraph = document.add_paragraph(f"{number}. {source.title}。{source.version}。")
        _link(paragraph, source)
    document.add_heading("说明", 1)
    for fact in paper.facts:
        document.add_paragraph(fact, style="List Bullet")


def _link(paragraph: Any, source: Source) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml.ns import qn

    if not source.url:
        return
    paragraph.add_run(" ")
    run = paragraph.add_run(source.url, style="Hyperlink")
    link = _element(paragraph._p, "hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(source.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    link.append(run._r)


def _element(parent: Any, tag: str, **attributes: str) -> Any:
    """A new last child of ``parent``, its tag and attributes of WordprocessingML."""
    from docx.oxml import OxmlElement

    child = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        child.set(f"{{{W}}}{name}", value)
    parent.append(child)
    return child
