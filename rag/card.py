"""What a corpus holds and what it lacks, on one card: counts, dates, evidence, known gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from pydantic import Field

from rag.types import DocumentMeta, Finality, Frozen, Kind, Passage, TextStatus, Warning, values_of


class KindScope(Frozen):
    """Documents of one kind and jurisdiction: how many, from when to when, how well supported, last checked when."""

    kind: Kind
    jurisdiction: str
    documents: int
    passages: int
    earliest: dt.date | None
    latest: dt.date | None
    verified: int
    single_source: int
    official: int
    checked: dt.date | None
    """The day of the check that lies longest back."""


class DocumentScope(Frozen):
    """One document as a reader looks for it."""

    id: str
    title: str
    name: str
    kind: Kind
    jurisdiction: str
    number: str | None
    since: dt.date | None
    """In force, decided or published since."""
    until: dt.date | None
    finality: Finality | None
    articles: int
    """Articles or sections given."""
    of_articles: int | None
    text_status: TextStatus
    evidence: str
    checked: dt.date | None


class ScopeCard(Frozen):
    documents: int
    passages: int
    articles: int
    sections: int
    lay_questions: int
    relations: int
    kinds: tuple[KindScope, ...]
    contents: tuple[DocumentScope, ...]
    gaps: tuple[str, ...]
    gaps_told: tuple[Warning, ...] = Field(default=(), exclude=True)
    """The gaps with their codes and values, in the same order."""


def card_of(documents: Iterable[tuple[DocumentMeta, Sequence[Passage]]]) -> ScopeCard:
    """The card of the documents given, in the order of authority; own law before foreign."""
    entries = sorted(documents, key=lambda entry: (_group(entry[0]), -(entry[0].valid_from or dt.date.min).toordinal()))
    metas = {meta.id: meta for meta, _ in entries}
    passages = [passage for _, found in entries for passage in found]
    groups: dict[tuple[bool, int, str], list[tuple[DocumentMeta, Sequence[Passage]]]] = {}
    for entry in entries:
        groups.setdefault(_group(entry[0]), []).append(entry)
    gaps = tuple(gap for meta, found in entries for gap in _gaps(meta, found, metas))
    return ScopeCard(
        documents=len(entries),
        passages=len(passages),
        articles=sum(1 for passage in passages if passage.article),
        sections=sum(1 for passage in passages if not passage.article),
        lay_questions=sum(len(passage.lay_questions) for passage in passages),
        relations=sum(_relations(meta) for meta in metas.values()),
        kinds=tuple(_kind(group) for group in groups.values()),
        contents=tuple(_document(meta, found) for meta, found in entries),
        gaps=tuple(gap.message for gap in gaps),
        gaps_told=gaps,
    )


def _group(meta: DocumentMeta) -> tuple[bool, int, str]:
    return (meta.jurisdiction != "CN", list(Kind).index(meta.kind), meta.jurisdiction)


def _relations(meta: DocumentMeta) -> int:
    linked = len(meta.applies) + len(meta.implements) + len(meta.positions) + len(meta.renumbered)
    return linked + (1 if meta.supersedes else 0)


def _kind(group: Sequence[tuple[DocumentMeta, Sequence[Passage]]]) -> KindScope:
    metas = [meta for meta, _ in group]
    days = [day for meta in metas if (day := meta.valid_from)]
    return KindScope(
        kind=metas[0].kind,
        jurisdiction=metas[0].jurisdiction,
        documents=len(metas),
        passages=sum(len(passages) for _, passages in group),
        earliest=min(days, default=None),
        latest=max(days, default=None),
        verified=sum(meta.evidence == "verified" for meta in metas),
        single_source=sum(meta.evidence == "single_source" for meta in metas),
        official=sum(meta.text_status == "official" for meta in metas),
        checked=min((meta.checked for meta in metas if meta.checked), default=None),
    )


def _document(meta: DocumentMeta, passages: Sequence[Passage]) -> DocumentScope:
    return DocumentScope(
        id=meta.id,
        title=meta.title,
        name=meta.short_title,
        kind=meta.kind,
        jurisdiction=meta.jurisdiction,
        number=meta.number,
        since=meta.valid_from,
        until=meta.repealed,
        finality=meta.finality,
        articles=len(passages),
        of_articles=meta.articles,
        text_status=meta.text_status,
        evidence=meta.evidence,
        checked=meta.checked,
    )


def _gaps(meta: DocumentMeta, passages: Sequence[Passage], metas: dict[str, DocumentMeta]) -> Iterable[Warning]:
    given = sum(1 for passage in passages if passage.article)
    if meta.partial and meta.articles:
        message = f"只收录 {given} 条，全文共 {meta.articles} 条。"
        yield _gap(meta, "gap_articles", message, given=given, total=meta.articles)
    elif meta.partial:
        yield _gap(meta, "gap_partial", "只收录已公开的部分内容。")
    if meta.supersedes and meta.supersedes not in metas:
        yield _gap(meta, "gap_earlier", "之前的版本没有收录。")
    if meta.finality == "pending":
        yield _gap(meta, "gap_pending", "尚无裁判结果。")
    elif meta.finality == "unknown":
        yield _gap(meta, "gap_finality", "是否生效、有无后续程序没有查明。")
    elif meta.finality == "not_final":
        yield _gap(meta, "gap_not_final", "的裁判尚未确定。")
    if meta.kind is Kind.JUDGMENT and meta.jurisdiction == "CN" and meta.number is None:
        yield _gap(meta, "gap_docket", "的案号没有查到。")
    if meta.evidence == "single_source" and meta.kind is not Kind.PAPER:
        yield _gap(meta, "gap_single_source", "主要依据一个公开来源。")


def _gap(meta: DocumentMeta, code: str, message: str, **values: object) -> Warning:
    name = meta.short_title if meta.repealed is None else f"{meta.short_title}（{meta.repealed} 失效的版本）"
    neutral = meta.short_title if meta.repealed is None else f"{meta.short_title} (– {meta.repealed})"
    return Warning(kind="gap", message=f"{name}{message}", code=code, values=values_of(name=neutral, **values))
