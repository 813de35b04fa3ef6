"""A file that a user hands in becomes a document of theirs: its text, and a report of what was understood.

Nothing that the file says of itself is taken for a fact: it is no law, no judgment, and it verifies nothing. Scripts and HTML are text.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import frontmatter

from ingest.read import MIN_TEXT, READERS
from ingest.split import split
from rag.errors import DocumentRefused
from rag.fold import fold
from rag.text import printable
from rag.types import Document, DocumentMeta, Kind, Warning, values_of

SUFFIXES = (".pdf", ".docx", ".md", ".txt")
MAX_BYTES = 20 * 2**20
MAX_UNPACKED = 200 * 2**20
"""Bytes of a DOCX unpacked; a small file that unpacks to more is a trap."""
MAX_CHARACTERS = 2_000_000
_SCANNED = 40
"""Characters of a PDF's page under which it looks like a picture of text."""
_TITLE = re.compile(r"^#[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_ASIDE = re.compile(r"^(?:问法|注)[:：]|^<!--.*-->$", re.MULTILINE)
# Control characters, marks that turn the direction of writing, invisible ones, and private characters.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ue000-\uf8ff]"
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was handed in; of ``name`` only the last part counts."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of a file: ``pages`` of a PDF, numbers of characters, articles, sections and citable passages, and what to beware of."""

    id: str
    name: str
    title: str
    pages: int | None
    characters: int
    articles: int
    sections: int
    passages: int
    warnings: tuple[Warning, ...]


def understand_upload(upload: Upload, taken: Collection[str], names: Collection[str]) -> tuple[Document, Understood]:
    """Read one file.

    Args:
        taken: ids that other documents have already.
        names: titles and aliases of the corpus, which no document of a user may pass itself off as.

    Raises:
        DocumentRefused: of an unknown type, too large, damaged, locked, or without text.
    """
    name = printable(PurePosixPath(upload.name.replace("\\", "/")).name) or "文档"
    path = Path(name)
    _refuse_unfit(upload.content, path)
    raw = READERS[path.suffix.lower()](upload.content, path)
    header, body = _apart(raw) if path.suffix.lower() == ".md" else ({}, raw)
    text = _INVISIBLE.sub("", printable(body)).strip()
    _refuse_text(text, path)
    document = Document(meta=_meta(header, text, path, taken, names), text=text)
    passages = split(document)
    if not passages:
        raise DocumentRefused(
            f"文件里没有可以引用的段落：{name}。",
            why="只有标题，没有正文",
            next_step="补充正文后重试。",
            code="file_only_titles",
        )
    pages = _pages(upload.content) if path.suffix.lower() == ".pdf" else None
    articles = len({passage.article for passage in passages if passage.article})
    sections = len({passage.section for passage in passages if passage.section})
    return document, Understood(
        id=document.id,
        name=name,
        title=document.meta.title,
        pages=pages,
        characters=len(text),
        articles=articles,
        sections=sections,
        passages=len(passages),
        warnings=tuple(_warnings(document, pages, articles, sections)),
    )


def _refuse_unfit(content: bytes, path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise DocumentRefused(
            f"不支持的文件类型：{path.name}。",
            why=f"后缀 {path.suffix!r} 不在 {'、'.join(SUFFIXES)} 之列",
            next_step="转换为其中一种格式后重试。",
            code="file_type",
            suffix=repr(path.suffix),
            known=", ".join(SUFFIXES),
        )
    if len(content) > MAX_BYTES or _unpacked(content) > MAX_UNPACKED:
        raise DocumentRefused(
            f"文件太大：{path.name}。",
            why=f"{len(content) / 2**20:.1f} MB（最多 {MAX_BYTES // 2**20} MB），展开后最多 {MAX_UNPACKED // 2**20} MB",
            next_step="拆分后重试。",
            code="file_too_big",
            mb=f"{len(content) / 2**20:.1f}",
            most=MAX_BYTES // 2**20,
            unpacked=MAX_UNPACKED // 2**20,
        )


def _unpacked(content: bytes) -> int:
    """Bytes of an archive unpacked, as it says itself; 0 where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        return 0


def _refuse_text(text: str, path: Path) -> None:
    if len(text) < MIN_TEXT:
        raise DocumentRefused(
            f"文件没有可用的文字：{path.name}。",
            why="正文为空，或是扫描图像",
            next_step="换用带文字层的文件，或先做 OCR。",
            code="file_without_text",
        )
    if len(text) > MAX_CHARACTERS:
        raise DocumentRefused(
            f"文件的文字太多：{path.name}。",
            why=f"{len(text)} 个字符，最多 {MAX_CHARACTERS} 个",
            next_step="拆分后重试。",
            code="file_too_much_text",
            n=len(text),
            most=MAX_CHARACTERS,
        )


def _apart(raw: str) -> tuple[dict[str, object], str]:
    """Front matter, of which only the title counts, and the text; what merely looks like front matter is text."""
    if not raw.startswith("---"):
        return {}, raw
    try:
        header, body = frontmatter.parse(raw)
    except Exception:  # yaml raises whatever the header provokes
        return {}, raw
    return (header, body) if isinstance(header, dict) and header else ({}, raw)


def _meta(
    header: dict[str, object], text: str, path: Path, taken: Collection[str], names: Collection[str]
) -> DocumentMeta:
    heading = _TITLE.search(text[:2000])
    given = header.get("title")
    title = _one_line(str(given) if given else heading[1] if heading else path.stem) or _one_line(path.stem) or "文档"
    borrowed = fold(title) in map(fold, names)
    slug = re.sub(r"[\s/\\#:]+", "-", _one_line(path.stem)).strip("-")[:60] or "document"
    identifier, number = f"own-{slug}", 1
    while identifier in taken:
        number += 1
        identifier = f"own-{slug}-{number}"
    return DocumentMeta(
        id=identifier,
        title=f"{title[:80]}（自有文档）" if borrowed else title[:80],
        kind=Kind.OWN,
        text_status="full_text",
        evidence="unverified",
    )


def _one_line(text: str) -> str:
    return " ".join(_INVISIBLE.sub("", printable(text)).split())


def _pages(content: bytes) -> int:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        reader.decrypt("")
    return len(reader.pages)


def _warnings(document: Document, pages: int | None, articles: int, sections: int) -> list[Warning]:
    found = [_warning("own_no_authority", "自有文档只按原文引用，不作为法律依据；其真实性和效力没有核对。")]
    if document.meta.title.endswith("（自有文档）"):
        found.append(_warning("own_same_name", "名称与已收录的来源相同，已加注“自有文档”，引用时不会与它混淆。"))
    if pages and len(document.text) / pages < _SCANNED:
        message = f"{pages} 页只读出 {len(document.text)} 个字符，可能有扫描的页面，没有读到其中的文字。"
        found.append(_warning("own_scanned", message, pages=pages, n=len(document.text)))
    if not articles and not sections:
        found.append(_warning("own_paragraphs", "没有认出条文或标题，按段落引用。"))
    if _ASIDE.search(document.text):
        found.append(_warning("own_asides", "以“问法：”“注：”开头的行和注释行不会被引用。"))
    return found


def _warning(code: str, message: str, **values: object) -> Warning:
    return Warning(kind="own_document", message=message, code=code, values=values_of(**values))
