"""Audit bundles: an answer, how it came about and what it rests on, in one file; this module alone knows the file's format."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from rag.errors import InvalidInput
from rag.settings import Settings
from rag.text import printable
from rag.trace import Trace
from rag.types import Answer, Document, Frozen, Kind

FORMAT: Literal[1] = 1
_PACKAGE = "aigc-law-qa"


class CitedDocument(Frozen):
    """A document that the answer cites, as it was: ``sha256`` of its text in UTF-8, and the days between which it can be relied on."""

    id: str
    title: str
    sha256: str
    effective: dt.date | None
    repealed: dt.date | None


class AuditBundle(Frozen):
    """An answer with all that is needed to check it again: what was asked and how, what was answered, why, and from which texts.

    ``as_of`` and ``kinds`` are what was asked for, None and empty where nothing was; ``settings`` are those that can change an answer, keys
    masked; ``created`` is in UTC.
    """

    format: Literal[1] = FORMAT
    product: str
    created: dt.datetime
    question: str
    history: tuple[tuple[str, str], ...] = ()
    as_of: dt.date | None = None
    kinds: tuple[Kind, ...] = ()
    settings_fingerprint: str
    settings: dict[str, str | int | float | bool | None]
    answer: Answer
    trace: Trace
    documents: tuple[CitedDocument, ...]


def bundle_of(
    answer: Answer,
    trace: Trace,
    documents: Iterable[Document],
    settings: Settings,
    *,
    history: Sequence[tuple[str, str]] = (),
    as_of: dt.date | None = None,
    kinds: Sequence[Kind] | None = None,
) -> AuditBundle:
    """The bundle of an answer; ``documents`` are those that it cites."""
    return AuditBundle(
        product=product_version(),
        created=dt.datetime.now(dt.UTC).replace(microsecond=0),
        question=answer.question,
        history=tuple((printable(user), printable(reply)) for user, reply in history),
        as_of=as_of,
        kinds=tuple(kinds or ()),
        settings_fingerprint=settings.fingerprint,
        settings=settings.relevant,
        answer=answer,
        trace=trace,
        documents=tuple(
            CitedDocument(
                id=document.id,
                title=document.meta.title,
                sha256=digest(document),
                effective=document.meta.valid_from,
                repealed=document.meta.repealed,
            )
            for document in documents
        ),
    )


def digest(document: Document) -> str:
    return hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()


def product_version() -> str:
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "unknown"


def write_bundle(bundle: AuditBundle, path: Path) -> None:
    """Write the bundle whole or not at all; a file of that name is replaced.

    Raises:
        InvalidInput: the file cannot be written.
    """
    temporary = path.parent / f".{path.name}.{os.getpid()}.new"  # with_name refuses a folder
    try:
        temporary.write_text(bundle.model_dump_json(indent=1) + "\n", "utf-8")
        temporary.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"无法写入核查包 {path}。",
            why=error.strerror or str(error),
            next_step="检查文件夹是否存在、是否可写，或换一个位置。",
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def read_bundle(path: Path) -> AuditBundle:
    """Read a bundle.

    Raises:
        InvalidInput: the file cannot be read, is no bundle, or is of another format.
    """
    again = "请给出由 python -m rag ask --bundle 写出的完整文件。"
    try:
        stored = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise InvalidInput(
            f"无法读取核查包 {path}。", why=error.strerror or str(error), next_step="检查路径和权限。"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"核查包 {path} 不是有效的 JSON。", why=str(error), next_step=again) from error
    _refuse_other_format(stored, path, again)
    try:
        return AuditBundle.model_validate(stored)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        more = f" 等 {len(problems)} 处" if len(problems) > 3 else ""
        raise InvalidInput(
            f"核查包 {path} 的内容有误。", why="；".join(problems[:3]) + more, next_step=again
        ) from error


def _refuse_other_format(stored: object, path: Path, again: str) -> None:
    found = stored.get("format") if isinstance(stored, dict) else None
    if not isinstance(stored, dict) or not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise InvalidInput(
            f"{path} 不是核查包。", why=f"没有格式号（format），或格式号 {found!r} 有误", next_step=again
        )
    if found > FORMAT:
        raise InvalidInput(
            f"核查包 {path} 的格式比本程序新。",
            why=f"格式 {found}，由 {stored.get('product')!s} 版写出；本程序（{product_version()} 版）只认到格式 {FORMAT}",
            next_step="升级本程序后再核查。",
        )
