"""Text out of PDF, DOCX and HTML, with the paragraphs that the author meant and not those of the page."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise, zip_longest
from pathlib import Path

from ingest.structure import ARTICLE_LINE
from rag.errors import DocumentRefused

_PAGE_NUMBER = re.compile(r"^\s*\d{1,4}\s*$")
_MARKED_PAGE_NUMBER = re.compile(
    r"^\s*(?:[-–—·]+\s*\d{1,4}\s*[-–—·]+|第\s*\d{1,4}\s*页(?:\s*/\s*(?:共\s*)?\d{1,4}\s*页?)?|\d{1,4}\s*/\s*\d{1,4})\s*$"
)
_NEW_PARAGRAPH = re.compile(
    r"^(?:[ 　]{2,}|#{1,6} |第[〇零一二三四五六七八九十百千]+[编章节条][ 　]|[（(][一二三四五六七八九十]+[）)](?!项|款)"
    r"|[一二三四五六七八九十]+、|\d+(?:\.\d+)+\s+\S|\d+[.、)]\s*(?=[^\d\s]))"
)
_SENTENCE_END = "。！？；：.!?:;”」』"
# Paragraphs and tables in order, those inside content controls included.
_DOCX_BLOCKS = "./w:p | ./w:tbl | ./w:sdt/w:sdtContent/w:p | ./w:sdt/w:sdtContent/w:tbl"
_HTML_BLOCKS = ["p", "br", "div", "li", "section", "article", "blockquote", "table", "dd", "dt", "pre"]
_HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def pdf_text(content: bytes, path: Path) -> str:
    """Text of a PDF: pages joined, page numbers dropped, lines of one paragraph joined."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentRefused(
                f"PDF 已加密：{path.name}。", why="需要密码", next_step="解除密码后重试。", code="file_encrypted"
            )
        pages = [_without_page_number(page.extract_text()) for page in reader.pages]
    except DocumentRefused:
        raise
    except Exception as error:  # pypdf raises whatever the broken part of the file provokes
        raise DocumentRefused(
            f"PDF 已损坏或不完整：{path.name}。",
            why=f"{type(error).__name__}: {error}",
            next_step="重新下载或另存后重试。",
            code="pdf_damaged",
        ) from error
    return join_lines("\n".join(pages))


def _without_page_number(page: str) -> str:
    """A page without the number in its first or last line; numbers between them are text."""
    lines = [line for line in page.split("\n") if line.strip()]
    if lines and _PAGE_NUMBER.match(lines[0]):
        lines = lines[1:]
    if lines and _PAGE_NUMBER.match(lines[-1]):
        lines = lines[:-1]
    return "\n".join(lines)


def join_lines(text: str) -> str:
    """Undo the line breaks of a page: a full line that ends inside a sentence goes on in the next one."""
    lines = [line.rstrip() for line in text.split("\n") if line.strip() and not _MARKED_PAGE_NUMBER.match(line)]
    if not lines:
        return ""
    full = 0.75 * sorted(len(line) for line in lines)[int(len(lines) * 0.9)]
    paragraphs: list[str] = []
    previous = ""
    for line in lines:
        starts_new = not paragraphs or _NEW_PARAGRAPH.match(line) or ARTICLE_LINE.match(line)
        ended = (previous.endswith(tuple(_SENTENCE_END)) and len(previous) < full) or len(previous) < 0.6 * full
        if starts_new or ended:
            paragraphs.append(line.strip())
        else:
            paragraphs[-1] = _join(paragraphs[-1], line.strip())
        previous = line
    return "\n\n".join(paragraphs)


def _join(left: str, right: str) -> str:
    if left.endswith("-") and right[:1].islower():
        return left[:-1] + right
    return left + ("" if _HAN.match(left[-1]) or _HAN.match(right[0]) else " ") + right


def docx_text(content: bytes, path: Path) -> str:
    """Paragraphs of a DOCX in order, headings as Markdown, tables as Markdown tables."""
    try:
        return "\n\n".join(_docx_blocks(content))
    except Exception as error:  # python-docx raises whatever the broken part of the archive provokes
        raise DocumentRefused(
            f"DOCX 已损坏或不是 Word 文件：{path.name}。",
            why=f"{type(error).__name__}: {error}",
            next_step="用 Word 另存后重试。",
            code="docx_damaged",
        ) from error


def _docx_blocks(content: bytes) -> Iterator[str]:
    import docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    document = docx.Document(io.BytesIO(content))
    for element in document.element.body.xpath(_DOCX_BLOCKS):
        if element.tag.endswith("}tbl"):
            yield "\n".join(_table_row([cell.text for cell in row.cells]) for row in Table(element, document).rows)
        elif text := (paragraph := Paragraph(element, document)).text.strip():
            style = paragraph.style.name if paragraph.style else None
            level = re.fullmatch(r"Heading (\d)", style or "")
            yield f"{'#' * int(level[1])} {text}" if level else text


def _table_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(re.sub(r"\s+", " ", cell.replace("|", "｜")).strip() for cell in cells) + " |"


def html_text(content: bytes | str, path: Path) -> str:
    """Visible text of an HTML page (bytes in the encoding that it names): navigation, scripts and styles dropped, headings as Markdown."""
    from bs4 import BeautifulSoup
    from bs4.element import NavigableString

    del path
    soup = BeautifulSoup(content, "html.parser")
    for tag in soup(["script", "style", "nav", "header", "footer", "noscript", "template"]):
        tag.decompose()
    for text in soup.find_all(string=True):
        # A line break in the source of a page is a blank; comments (a subclass) and preformatted text stay as they are.
        if type(text) is NavigableString and not text.find_parent("pre"):
            text.replace_with(re.sub(r"[ \t\xa0]*[\r\n]+[ \t\xa0]*", "" if _HAN.search(text) else " ", text))
    root = soup.find("article") or soup.find("main") or soup.body or soup
    for level in range(1, 7):
        for heading in root.find_all(f"h{level}"):
            heading.insert_before("\n")
            heading.string = f"{'#' * level} {heading.get_text(' ', strip=True)}"
            heading.insert_after("\n")
    for row in root.find_all("tr"):
        row.replace_with("\n" + _table_row(cell.get_text(" ") for cell in row.find_all(["td", "th"])) + "\n")
    for tag in root.find_all(_HTML_BLOCKS):
        tag.insert_before("\n")
        tag.insert_after("\n")
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in root.get_text().split("\n"))
    found = [line for line in lines if line]
    # Rows of one table stand on adjacent lines, all else is a paragraph of its own.
    gaps = ["\n" if a.startswith("|") and b.startswith("|") else "\n\n" for a, b in pairwise(found)]
    return "".join(line + gap for line, gap in zip_longest(found, gaps, fillvalue=""))
