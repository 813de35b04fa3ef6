"""Text out of PDF, DOCX and HTML, with the paragraphs that the author meant and not those of the page."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

from ingest.structure import ARTICLE_LINE
from rag.errors import DocumentRefused

_PAGE_NUMBER = re.compile(r"^[\s\-–—·]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*/\s*\d{1,4})?[\s\-–—·]*$")
_NEW_PARAGRAPH = re.compile(
    r"^(?:[ 　]{2,}|#{1,6} |第[〇零一二三四五六七八九十百千]+[编章节条][ 　]|[（(][一二三四五六七八九十]+[）)]|[一二三四五六七八九十]+、|\d+(?:\.\d+)*[.、)] ?\S)"
)
_SENTENCE_END = "。！？；：.!?:;”」』"
# Paragraphs and tables in order, those inside content controls included.
_DOCX_BLOCKS = "./w:p | ./w:tbl | ./w:sdt/w:sdtContent/w:p | ./w:sdt/w:sdtContent/w:tbl"
_HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def pdf_text(content: bytes, path: Path) -> str:
    """Text of a PDF: pages joined, page numbers dropped, lines of one paragraph joined."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentRefused(f"PDF 已加密：{path.name}。", why="需要密码", next_step="解除密码后重试。")
        pages = [page.extract_text() for page in reader.pages]
    except DocumentRefused:
        raise
    except Exception as error:  # pypdf raises whatever the broken part of the file provokes
        raise DocumentRefused(
            f"PDF 已损坏或不完整：{path.name}。",
            why=f"{type(error).__name__}: {error}",
            next_step="重新下载或另存后重试。",
        ) from error
    return join_lines("\n".join(pages))


def join_lines(text: str) -> str:
    """Undo the line breaks of a page: a full line that ends inside a sentence goes on in the next one."""
    lines = [line.rstrip() for line in text.split("\n") if line.strip() and not _PAGE_NUMBER.match(line)]
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
    import docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    try:
        document = docx.Document(io.BytesIO(content))
    except Exception as error:  # python-docx raises whatever the broken part of the archive provokes
        raise DocumentRefused(
            f"DOCX 已损坏或不是 Word 文件：{path.name}。",
            why=f"{type(error).__name__}: {error}",
            next_step="用 Word 另存后重试。",
        ) from error
    parts: list[str] = []
    for element in document.element.body.xpath(_DOCX_BLOCKS):
        if element.tag.endswith("}tbl"):
            rows = [
                [cell.text.replace("\n", " ").replace("|", "｜").strip() for cell in row.cells]
                for row in Table(element, document).rows
            ]
            parts.append("\n".join("| " + " | ".join(row) + " |" for row in rows))
        elif text := (paragraph := Paragraph(element, document)).text.strip():
            level = re.fullmatch(r"Heading (\d)", (paragraph.style.name or "") if paragraph.style else "")
            parts.append(f"{'#' * int(level[1])} {text}" if level else text)
    return "\n\n".join(parts)


def html_text(content: bytes, path: Path) -> str:
    """Visible text of an HTML page: navigation, scripts and styles dropped, headings as Markdown."""
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
    for tag in root.find_all(["p", "br", "div", "li", "tr"]):
        tag.append("\n")
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in root.get_text().split("\n"))
    return "\n\n".join(line for line in lines if line)
