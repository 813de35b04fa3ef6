"""A file becomes a document: its front matter checked, or inferred where a file brings none, and its text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import frontmatter
import yaml
from charset_normalizer import from_bytes
from pydantic import ValidationError

from ingest.extract import docx_text, html_text, pdf_text
from ingest.structure import ARTICLE_LINE, MIN_ARTICLES
from rag.errors import DocumentRefused
from rag.text import printable
from rag.types import Document, DocumentMeta, Kind

MIN_TEXT = 10
"""Characters under which a file counts as empty."""

_TITLE = re.compile(r"^#[ \t]+(?P<title>.+?)[ \t]*$", re.MULTILINE)
_ISO_DATE = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_DOCKET = re.compile(r"[（(](?:19|20)\d{2}[）)][\u4e00-\u9fff]{1,3}\d{0,6}[\u4e00-\u9fff]{1,6}\d+号")


def read_text(path: Path) -> str:
    """The text of a file, whatever its format; of a Markdown file with its front matter.

    Raises:
        DocumentRefused: of an unknown type, or unreadable.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DocumentRefused(
            f"不支持的文件类型：{path.name}。",
            why=f"后缀 {path.suffix!r} 不在 {sorted(READERS)} 之列",
            next_step="转换为其中一种格式后重试。",
            code="file_type",
            suffix=repr(path.suffix),
            known=", ".join(sorted(READERS)),
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DocumentRefused(f"无法读取文件：{path}。", why=str(error), next_step="检查路径与权限。") from error
    return reader(content, path)


def load(path: Path, *, root: Path) -> Document:
    """Read one file. ``root`` is the folder it was found under; ids of files without front matter are relative to it.

    Raises:
        DocumentRefused: unreadable, empty, or with front matter that breaks the corpus format.
    """
    header, text = _split_front_matter(read_text(path), path)
    if len(text.strip()) < MIN_TEXT:
        raise DocumentRefused(
            f"文件没有可用的文字：{path.name}。",
            why="正文为空，或是扫描图像",
            next_step="换用带文字层的文件，或先做 OCR。",
            code="file_without_text",
        )
    meta = _checked(header, path) if header else _inferred(text, path, root)
    return Document(meta=meta, text=text)


def plain_text(content: bytes, path: Path) -> str:
    """Text in UTF-8 or, where it is not, in the encoding that it looks like; line ends as \\n."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(content, cp_isolation=["gb18030", "big5", "utf_16"]).best()
        if best is None:
            raise DocumentRefused(
                f"无法识别文件编码：{path.name}。",
                why="既不是 UTF-8，也不像 GB18030、Big5 或 UTF-16",
                next_step="另存为 UTF-8 后重试。",
                code="file_encoding",
            ) from None
        text = str(best)
    if "\x00" in text:
        raise DocumentRefused(
            f"不是文本文件：{path.name}。",
            why="内容含二进制数据",
            next_step="检查文件，或改用正确的后缀。",
            code="file_binary",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


READERS: dict[str, Callable[[bytes, Path], str]] = {
    ".md": plain_text,
    ".txt": plain_text,
    ".pdf": pdf_text,
    ".docx": docx_text,
    ".html": html_text,
}


def _split_front_matter(raw: str, path: Path) -> tuple[dict[str, object], str]:
    if path.suffix.lower() != ".md" or not raw.startswith("---"):
        return {}, raw.strip()
    try:
        header, text = frontmatter.parse(raw)
    except (yaml.YAMLError, ValueError) as error:  # a date such as 2021-02-30 is a bare ValueError
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行：" if mark else ""
        raise DocumentRefused(
            f"文件头（front matter）不是有效的 YAML：{path.name}。",
            why=where + str(getattr(error, "problem", None) or error),
            next_step="对照 corpus/README.md 的格式修改。",
        ) from error
    if not header:
        raise DocumentRefused(
            f"文件头（front matter）没有结束或为空：{path.name}。",
            why="以 --- 开头，但缺少成对的 --- 或字段",
            next_step="补上结尾的 ---。",
        )
    return header, text


def _checked(header: dict[str, object], path: Path) -> DocumentMeta:
    try:
        return DocumentMeta.model_validate(header)
    except ValidationError as error:
        problems = "；".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:5])
        raise DocumentRefused(
            f"文件头（front matter）不合格式：{path.name}。",
            why=problems,
            next_step="对照 corpus/README.md 的字段表修改。",
        ) from error


def _inferred(text: str, path: Path, root: Path) -> DocumentMeta:
    """What can be told of a file without front matter; nothing is guessed that an answer would state as a fact."""
    heading = _TITLE.search(text[:2000])
    stem = printable(path.stem)
    title = heading["title"] if heading else re.sub(r"[（(]\d{4}-\d{2}-\d{2}[）)]$", "", stem).strip() or stem
    dated = _ISO_DATE.search(path.stem)
    relative = path.relative_to(root) if path.is_relative_to(root) else Path(path.name)
    identifier = re.sub(r"[\s/\\#]+", "-", printable(str(relative.with_suffix(""))))
    kind = _kind(title, text)
    return DocumentMeta(
        id=identifier,
        title=title,
        aliases=(title.removeprefix("中华人民共和国"),) if title.startswith("中华人民共和国") else (),
        kind=kind,
        promulgated=_date(dated) if kind is not Kind.PAPER else None,
        text_status="full_text",
        evidence="unverified",
    )


def _date(match: re.Match[str] | None) -> dt.date | None:
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _kind(title: str, text: str) -> Kind:
    articles = sum(ARTICLE_LINE.match(line) is not None for line in text.split("\n"))
    if articles < MIN_ARTICLES:
        is_judgment = _DOCKET.search(text[:3000]) and re.search(r"法院认为|本院认为", text)
        return Kind.JUDGMENT if is_judgment else Kind.PAPER
    if re.search(r"最高人民(法院|检察院)|司法解释", title):
        return Kind.JUDICIAL_INTERPRETATION
    if re.search(r"条例(?:（.*）)?$|条例实施|实施细则$", title):
        return Kind.ADMINISTRATIVE_REGULATION
    if re.search(r"(?<!办)法$|法典$|宪法|决定$", title) or title.startswith("中华人民共和国"):
        return Kind.LAW
    return Kind.DEPARTMENTAL_RULE
