"""The documents as a list that can be narrowed: by words, kind, court or issuer, year, disputed issue."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag import DocumentMeta, Kind
from rag.fold import fold
from ui.labels import finality_name
from ui.words import say

_ASIDE = re.compile(r"[（(][^（）()]*[）)]")
_BETWEEN = re.compile(r"[、；]")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for; empty fields let everything pass. Within a field any value will do, all fields must agree."""

    words: str = ""
    kinds: tuple[Kind, ...] = ()
    sources: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    issues: tuple[str, ...] = ()


def in_order(metas: Iterable[DocumentMeta]) -> list[DocumentMeta]:
    """In the order of authority, own law before foreign, the newest first."""
    order = list(Kind)
    return sorted(
        metas,
        key=lambda m: (m.jurisdiction != "CN", order.index(m.kind), -(m.valid_from or dt.date.min).toordinal(), m.id),
    )


def filtered(metas: Iterable[DocumentMeta], filters: Filters) -> list[DocumentMeta]:
    words = [fold(word) for word in filters.words.split()]
    return [meta for meta in metas if _passes(meta, filters) and all(word in _searched(meta) for word in words)]


def sources_of(meta: DocumentMeta) -> tuple[str, ...]:
    """The court, or who issued it, without what stands in brackets: several courts or issuers are each one source."""
    names = _ASIDE.sub("", meta.court or meta.issuer or "")
    return tuple(name.strip() for name in _BETWEEN.split(names) if name.strip())


def source_counts(metas: Iterable[DocumentMeta]) -> list[tuple[str, int]]:
    """Courts and issuers, those of most documents first."""
    counts = Counter(source for meta in metas for source in dict.fromkeys(sources_of(meta)))
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def years(metas: Iterable[DocumentMeta]) -> list[int]:
    """Years in which a document came into force, was decided or published; the latest first."""
    return sorted({day.year for meta in metas if (day := meta.valid_from)}, reverse=True)


def byline(meta: DocumentMeta) -> str:
    """Number, and court or issuer."""
    sources = sources_of(meta)
    who = say("labels.and_others", first=sources[0]) if len(sources) > 1 else "".join(sources)
    return " · ".join(part for part in (meta.number, who) if part)


def dates(meta: DocumentMeta) -> str:
    """One line for a tooltip: 2021-06-01 起施行，2026-05-01 起失效 · 2024-02-08 判决，已生效."""
    if meta.valid_from is None:
        return ""
    verb = {Kind.JUDGMENT: "decided", Kind.PAPER: "published"}.get(meta.kind, "since")
    if meta.dated:
        parts = [say(f"labels.{verb}", day=meta.dated)]
    elif meta.published:
        parts = [say("labels.made_public", day=meta.published)]
    else:
        parts = [say("labels.filed", year=meta.valid_from.year)]
    if meta.repealed:
        parts.append(say("labels.repealed", day=meta.repealed))
    if meta.finality:
        parts.append(finality_name(meta.finality))
    return say("labels.between").join(parts)


def _passes(meta: DocumentMeta, filters: Filters) -> bool:
    day = meta.valid_from
    return (
        (not filters.kinds or meta.kind in filters.kinds)
        and (not filters.sources or _meet(sources_of(meta), filters.sources))
        and (not filters.years or (day is not None and day.year in filters.years))
        and (not filters.issues or _meet([position.issue for position in meta.positions], filters.issues))
    )


def _meet(found: Sequence[str], wanted: Sequence[str]) -> bool:
    return not set(found).isdisjoint(wanted)


def _searched(meta: DocumentMeta) -> str:
    return "\n".join(map(fold, (meta.title, meta.short_title, *meta.aliases, meta.number or "", meta.id)))
