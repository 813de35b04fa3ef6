"""Official full texts: which instrument and version a text is, whether it is whole, and where it is kept.

``examine`` tells what a text is, ``keep`` checks and stores it; whichever refuses leaves what was stored before as it was.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from ingest.compare import Difference, compare
from ingest.read import READERS, load, read_text
from ingest.recognise import NotInCorpus, recognise, tells_history, titled
from ingest.split import split
from ingest.tidy import ARTICLE, TEXT_END, tidy
from rag.errors import DocumentRefused, InvalidInput
from rag.numerals import article_number, to_chinese, to_int
from rag.text import printable
from rag.types import Document, Kind

FOLDER = "official"
"""Where official texts are kept, inside the corpus."""

_FRONT_MATTER = re.compile(r"---\n.*?\n---\n", re.DOTALL)
_NOT_INSTRUMENTS = (Kind.JUDGMENT, Kind.PAPER)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that is taken for an instrument of the corpus: lines before its first article, and lines of the text."""

    digest: Document
    head: Sequence[str]
    body: Sequence[str]
    source: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """An official text that was stored: where it came from, where it is kept, and how our digest differs from it."""

    id: str
    source: str
    path: str
    articles: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class NotImported:
    source: str
    reason: str


@dataclass(slots=True)
class Report:
    """What an import did; ``skipped`` are files of a folder that are no instrument of the corpus."""

    imported: list[Imported] = field(default_factory=list)
    refused: list[NotImported] = field(default_factory=list)
    skipped: int = 0


class Incomplete(DocumentRefused):
    """Articles are missing: the text is cut, or one of several parts (the Civil Code is often kept book by book)."""


def instruments(corpus: Path) -> dict[str, Document]:
    """The digests of Chinese instruments in ``corpus``, by id: what official texts are recognised by and held against.

    Raises:
        InvalidInput: there is none.
    """
    found = {}
    for path in sorted((corpus / "regulations").rglob("*.md")):
        document = load(path, root=corpus)
        if document.meta.kind not in _NOT_INSTRUMENTS and document.meta.jurisdiction == "CN":
            found[document.id] = document
    if not found:
        raise InvalidInput(f"语料里没有法规：{corpus}。", next_step="用 --corpus 指定含 regulations/ 的文件夹。")
    return found


def require_known(identifiers: Sequence[str], digests: Mapping[str, Document]) -> None:
    """Raise ``InvalidInput`` for ids that no digest has, with those there are."""
    if unknown := [identifier for identifier in identifiers if identifier not in digests]:
        raise InvalidInput(f"语料里没有这个 id：{'、'.join(unknown)}。", next_step=f"可用的 id：{'、'.join(digests)}。")


def import_paths(paths: Sequence[Path], corpus: Path, *, identifier: str | None = None) -> Report:
    """Import files, and folders recursively; ``identifier`` says which instrument a single file is.

    A file given by name that cannot be imported is refused with the reason; files of a folder that are no instrument of the corpus
    are skipped.

    Raises:
        InvalidInput: a path does not exist, or ``identifier`` names no instrument of the corpus.
    """
    digests = instruments(corpus)
    if identifier is not None:
        require_known([identifier], digests)
    report = Report()
    parts: dict[str, list[tuple[Candidate, Incomplete]]] = {}
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"路径不存在：{path}。", next_step="检查路径。")
        for file in _files(path):
            try:
                candidate = examine(
                    read_text(file), digests, str(file), name=printable(file.stem), identifier=identifier
                )
                report.imported.append(keep(candidate, corpus))
            except Incomplete as error:  # raised by keep, so there is a candidate
                parts.setdefault(candidate.digest.id, []).append((candidate, error))
            except DocumentRefused as error:
                if isinstance(error, NotInCorpus) and path.is_dir():
                    report.skipped += 1
                else:
                    report.refused.append(NotImported(str(file), str(error)))
    for pieces in parts.values():
        _import_parts(pieces, corpus, report)
    return report


def _import_parts(pieces: Sequence[tuple[Candidate, Incomplete]], corpus: Path, report: Report) -> None:
    """Texts that are each incomplete, put together; they are refused one by one where the whole is not complete either."""
    try:
        report.imported.append(keep(_joined([candidate for candidate, _ in pieces]), corpus))
    except DocumentRefused:
        report.refused.extend(NotImported(candidate.source, str(error)) for candidate, error in pieces)


def _joined(parts: Sequence[Candidate]) -> Candidate:
    def first_number(part: Candidate) -> int:
        opening = next((match for line in part.body if (match := ARTICLE.match(line))), None)
        return (to_int(opening["number"]) if opening else None) or 0

    ordered = sorted(parts, key=first_number)
    body = [line for part in ordered for line in part.body]
    return replace(ordered[0], body=body, source="、".join(part.source for part in ordered))


def examine(
    text: str,
    digests: Mapping[str, Document],
    source: str,
    *,
    name: str | None = None,
    identifier: str | None = None,
    url: str | None = None,
) -> Candidate:
    """Tell which instrument and version a text is.

    Args:
        name: what else may name the instrument and its date, as a file's name.
        identifier: the instrument's id, where the caller knows it.

    Raises:
        NotInCorpus: it is no instrument that ``digests`` has.
        DocumentRefused: the version cannot be told, or the title is another one than that of ``identifier``.
    """
    front_matter = _FRONT_MATTER.match(text)
    if front_matter and "\nkind:" in front_matter[0] and "\ntext_status: official" not in front_matter[0]:
        raise DocumentRefused(f"这是语料里的摘要，不是官方文本：{source}。", next_step="换用官方文本。")
    head, body = tidy(text)
    if identifier is None:
        return Candidate(recognise(head, body, digests, name=name), head, body, source, url)
    digest = digests[identifier]
    if not titled([*([name] if name else []), *head], {identifier: digest}):
        raise DocumentRefused(
            f"标题不是{digest.meta.short_title}。",
            why=f"正文之前没有“{digest.meta.title}”这一行",
            next_step="核对文件或网页，换用该法规的官方文本。",
        )
    return Candidate(digest, head, body, source, url)


def keep(candidate: Candidate, corpus: Path) -> Imported:
    """Check that a text is whole, and store it; what was stored before stays when it is not.

    Raises:
        Incomplete: articles are missing.
        DocumentRefused: it is damaged in another way, or cannot be written.
    """
    official = _official(candidate)
    _validate(official, candidate.digest)
    path = _store(official, corpus)
    differences = tuple(compare(candidate.digest, official))
    return Imported(official.id, candidate.source, str(path), official.meta.articles or 0, differences)


def _official(candidate: Candidate) -> Document:
    meta = candidate.digest.meta
    dated = filter(tells_history, candidate.head)
    text = "\n\n".join((f"# {meta.title}", *(line.lstrip("# ") for line in dated), *candidate.body))
    document = Document(meta=meta.model_copy(update={"text_status": "official"}), text=text)
    changes = {
        "url": candidate.url or meta.url,
        "evidence": "verified",
        "checked": dt.datetime.now(tz=dt.UTC).date(),
        "partial": False,
        "positions": (),
        "articles": len({article_number(passage.article) for passage in split(document) if passage.article}),
    }
    return Document(meta=document.meta.model_copy(update=changes), text=text)


def _validate(official: Document, digest: Document) -> None:
    """Raise what is wrong with an official text: articles missing, doubled or too many, an end that is cut off."""
    title = official.meta.short_title
    next_step = "换用完整的官方文本；页面若有“全文下载”，用下载的文件。"
    passages = [passage for passage in split(official) if passage.article]
    numbers = [article_number(passage.article) for passage in passages]
    if not numbers:
        why = "找不到以“第一条”开头的正文，可能只是目录、公告或跳转页"
        raise DocumentRefused(f"没有{title}的条文。", why=why, next_step=next_step)
    if repeated := next((p.article for p in passages if "~" in p.id), None):
        why = "可能混有两份文本，或附件另行编号"
        raise DocumentRefused(f"{title}的条号重复：{repeated}。", why=why, next_step=next_step)
    if gaps := sorted(set(range(1, max(numbers) + 1)) - set(numbers)):
        why = f"共缺 {len(gaps)} 条，文本不完整"
        raise Incomplete(f"{title}缺少第{to_chinese(gaps[0])}条。", why=why, next_step=next_step)
    if numbers != sorted(numbers):
        moved = next(p.article for p, before, n in zip(passages[1:], numbers, numbers[1:], strict=False) if n < before)
        why = f"{moved}不在它的位置上"
        raise DocumentRefused(f"{title}的条文顺序不对。", why=why, next_step=next_step)
    if digest.meta.articles and max(numbers) != digest.meta.articles:
        why = f"该版本共 {digest.meta.articles} 条，文中有 {max(numbers)} 条，可能被截断或版本不同"
        raise Incomplete(f"{title}条数不符。", why=why, next_step=next_step)
    if empty := next((p.article for p in passages if len(p.text) < len(p.article or "") + 4), None):
        raise DocumentRefused(f"{title}{empty}没有正文。", why="抽取时丢失了文字", next_step=next_step)
    if cut := next((passage for passage in passages if not passage.text.rstrip().endswith(TEXT_END)), None):
        why = f"以“…{cut.text[-12:]}”结束，文本可能被截断"
        raise Incomplete(f"{title}{cut.article}不完整。", why=why, next_step=next_step)


def _store(official: Document, corpus: Path) -> Path:
    folder = corpus / FOLDER
    path = folder / f"{official.id}.md"
    header = official.meta.model_dump(mode="json", exclude_defaults=True)
    content = f"---\n{yaml.safe_dump(header, allow_unicode=True, sort_keys=False, width=200)}---\n\n{official.text}\n"
    temporary = folder / f".{path.name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_text(content, "utf-8")
        if load(temporary, root=corpus) != official:
            why = "写出的文件读回后与原文不一致"
            raise DocumentRefused(f"不能保存：{path.name}。", why=why, next_step="请把这份文件报告给维护者。")
        temporary.replace(path)
    except OSError as error:
        raise DocumentRefused(
            f"不能保存：{path}。", why=str(error), next_step="检查文件夹、权限和磁盘空间。"
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in READERS)
