"""Audit bundles: an answer with its trace in one file, to be checked again later against the corpus of that day."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from rag.catalog import Catalog
from rag.compose import readable
from rag.errors import InvalidInput
from rag.names import Names
from rag.support import support
from rag.trace import Trace
from rag.types import Answer, Document, Fingerprints, Frozen
from rag.verify import is_verbatim, unreal_references

FORMAT = 1
_ORDER = ("contradicted", "unsupported", "partial", "supported")


class CitedDocument(Frozen):
    """A document that the answer cites, as it was."""

    id: str
    title: str
    sha256: str


class AuditBundle(Frozen):
    """An answer with all that is needed to check it again."""

    format: int = FORMAT
    created: dt.datetime
    question: str
    history: tuple[tuple[str, str], ...] = ()
    answer: Answer
    trace: Trace
    documents: tuple[CitedDocument, ...]


class Check(Frozen):
    """One thing checked: what, whether it holds, and what differs."""

    what: str
    holds: bool
    detail: str = ""


class AuditReport(Frozen):
    """All checks; ``same`` tells which fingerprints are those of the bundle, for information."""

    checks: tuple[Check, ...]
    same: dict[str, bool]

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def bundle_of(
    answer: Answer, trace: Trace, documents: Sequence[Document], history: Sequence[tuple[str, str]] = ()
) -> AuditBundle:
    return AuditBundle(
        created=dt.datetime.now(dt.UTC).replace(microsecond=0),
        question=answer.question,
        history=tuple(history),
        answer=answer,
        trace=trace,
        documents=tuple(
            CitedDocument(id=document.id, title=document.meta.title, sha256=_digest(document)) for document in documents
        ),
    )


def write_bundle(bundle: AuditBundle, path: Path) -> None:
    """Write the bundle whole or not at all.

    Raises:
        InvalidInput: the file cannot be written.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(bundle.model_dump_json(indent=1) + "\n", "utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InvalidInput(f"无法写入 {path}。", why=str(error), next_step="检查文件夹是否存在、是否可写。") from error


def read_bundle(path: Path) -> AuditBundle:
    """Read a bundle.

    Raises:
        InvalidInput: the file cannot be read, is no bundle, or is of another format.
    """
    try:
        stored = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"无法读取 {path}。", why=str(error), next_step="请给出由 --bundle 写出的完整 JSON 文件。"
        ) from error
    found = stored.get("format") if isinstance(stored, dict) else None
    if found != FORMAT:
        raise InvalidInput(
            f"{path} 不是可用的核查包。", why=f"格式 {found!r}，本版本读 {FORMAT}", next_step="用写出它的版本核查。"
        )
    try:
        return AuditBundle.model_validate(stored)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidInput(f"{path} 的内容有误。", why=f"{where}: {first['msg']}") from error


def audit(bundle: AuditBundle, catalog: Catalog, names: Names, fingerprints: Fingerprints) -> AuditReport:
    """Check a bundle against an index: documents, quotes, versions, references and the support of every claim."""
    was = bundle.answer.fingerprints
    same = {name: getattr(was, name) == getattr(fingerprints, name) for name in Fingerprints.model_fields}
    return AuditReport(checks=tuple(_checks(bundle, catalog, names)), same=same)


def _checks(bundle: AuditBundle, catalog: Catalog, names: Names) -> Iterator[Check]:
    for cited in bundle.documents:
        document = catalog.document(cited.id)
        detail = "" if document else "语料中已没有这份文件"
        if document and _digest(document) != cited.sha256:
            detail = "正文已改动"
        yield Check(what=f"文件 {cited.id}", holds=not detail, detail=detail)
    compared = bundle.trace.understood.ask == "change"
    by_number = {citation.n: citation for citation in bundle.answer.citations}
    for n, citation in by_number.items():
        verbatim = is_verbatim(citation, catalog)
        meta = catalog.metas.get(citation.document_id)
        in_force = meta is not None and (compared or meta.in_force(bundle.answer.as_of))
        detail = "" if verbatim else "引文不在所标位置"
        yield Check(what=f"引文 [{n}] {citation.label}", holds=verbatim, detail=detail)
        if not in_force:
            yield Check(what=f"版本 [{n}] {citation.label}", holds=False, detail=f"{bundle.answer.as_of} 当日不施行")
    for position, claim in enumerate(bundle.answer.claims, 1):
        cited_here = [by_number[n] for n in claim.citations if n in by_number]
        unreal = unreal_references(claim.text, cited_here, names)
        quoted = [readable(citation.quote) for citation in cited_here]
        statement = next((q for q in quoted if claim.text.endswith(q)), claim.text)
        verdict = support(statement, quoted)
        worse = _ORDER.index(verdict.support) < _ORDER.index(claim.support)
        detail = f"提到所引来源没有的 {'、'.join(unreal)}" if unreal else ""
        if not detail and worse:
            detail = f"核对结果由 {claim.support} 变为 {verdict.support}"
        yield Check(what=f"第 {position} 句", holds=not detail, detail=detail)


def as_text(report: AuditReport) -> str:
    """The report for people."""
    lines = [f"{'✓' if c.holds else '✗'} {c.what}{f'：{c.detail}' if c.detail else ''}" for c in report.checks]
    names = {"corpus": "语料", "index": "索引", "settings": "设置"}
    lines.append(
        "指纹：" + "，".join(f"{names[name]}{'相同' if same else '不同'}" for name, same in report.same.items())
    )
    lines.append("全部成立。" if report.holds else f"{sum(not c.holds for c in report.checks)} 项不再成立。")
    return "\n".join(lines)


def _digest(document: Document) -> str:
    return hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
