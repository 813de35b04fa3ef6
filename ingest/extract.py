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
_HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def pdf_text(content: bytes, path: Path) -> str:
    """Text of a PDF: pages joined, page numbers dropped, lines of one paragraph joined."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentRefused(f"PDF 已加密：{path.name}。", why="需要密码", next_step="解除密码后重试。")
        pages = [page.extract_text() for page in reader.pages]
    except DocumentRefused:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, OSError, RecursionError) as error:
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

    try:
        document = docx.Document(io.BytesIO(content))
    except Exception as error:  # python-docx raises whatever the broken part of the archive provokes
        raise DocumentRefused(
            f"DOCX 已损坏或不是 Word 文件：{path.name}。",
            why=f"{type(error).__name__}: {error}",
            next_step="用 Word 另存后重试。",
        ) from error
    parts: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            rows = [
                [cell.text.replace("\n", " ").replace("|", "｜").strip() for cell in row.cells] for row in block.rows
            ]
            parts.append("\n".join("| " + " | ".join(row) + " |" for row in rows))
        elif block.text.strip():
            level = re.fullmatch(r"Heading (\d)", block.style.name if block.style else "")
            parts.append(f"{'#' * int(level[1])} {block.text.strip()}" if level else block.text.strip())
    return "\n\n".join(parts)


def html_text(content: bytes, path: Path) -> str:
    """Visible text of an HTML page: navigation, scripts and styles dropped, headings as Markdown."""
    from bs4 import BeautifulSoup

    del path
    soup = BeautifulSoup(content, "html.parser")
    for tag in soup(["script", "style", "nav", "header", "footer", "noscript", "template"]):
        tag.decompose()
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
