"""The rows of the timeline: instruments as bars while they are in force, judgments as points, in lanes by kind; own law above foreign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag import DocumentMeta, Kind
from rag.labels import FINALITY, KINDS
from ui.library.entries import byline, dates

_APART = dt.timedelta(days=45)
"""Points of one row that are closer than this would touch."""
_GAP = 0.8
"""Rows between two lanes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar (``start`` to ``end``) or a point (``end`` is ``start``) at height ``row``, counted from the top."""

    id: str
    name: str
    lane: str
    row: float
    start: dt.date
    end: dt.date
    is_point: bool
    state: str
    """What its colour says: 有效, 已失效, or a judgment's finality."""
    facts: str
    dates: str


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Timeline:
    marks: tuple[Mark, ...]
    lanes: tuple[Lane, ...]
    undated: tuple[DocumentMeta, ...]


def timeline(metas: Iterable[DocumentMeta], today: dt.date) -> Timeline:
    """Place the documents that have a date; bars of what is in force end ``today``."""
    groups: dict[tuple[bool, int], list[DocumentMeta]] = {}
    undated: list[DocumentMeta] = []
    for meta in metas:
        if meta.valid_from is None:
            undated.append(meta)
        else:
            groups.setdefault(_lane_key(meta), []).append(meta)
    marks: list[Mark] = []
    lanes: list[Lane] = []
    top = 0.0
    for key in sorted(groups):
        found = sorted(groups[key], key=lambda meta: (meta.valid_from or dt.date.min, meta.id))
        rows = _rows(found)
        name = _lane_name(found[0])
        marks += [_mark(meta, name, top + row + 0.5, today) for meta, row in zip(found, rows, strict=True)]
        bottom = top + max(rows) + 1
        lanes.append(Lane(name, top, bottom))
        top = bottom + _GAP
    return Timeline(tuple(marks), tuple(lanes), tuple(undated))


def state_of(meta: DocumentMeta, today: dt.date) -> str:
    """A judgment's finality; whether anything else is in force."""
    if meta.kind is Kind.JUDGMENT:
        return FINALITY[meta.finality or "unknown"]
    if meta.in_force(today):
        return "有效"
    return "尚未施行" if meta.valid_from and today < meta.valid_from else "已失效"


def _lane_key(meta: DocumentMeta) -> tuple[bool, int]:
    """Foreign sources have two lanes: judgments and all else."""
    if meta.jurisdiction != "CN":
        return True, int(meta.kind is Kind.JUDGMENT)
    return False, list(Kind).index(meta.kind)


def _lane_name(meta: DocumentMeta) -> str:
    if meta.jurisdiction != "CN":
        return "境外判决" if meta.kind is Kind.JUDGMENT else "境外法"
    return KINDS[meta.kind]


def _rows(metas: Sequence[DocumentMeta]) -> list[int]:
    """A row for each: bars have one of their own, points share where they do not touch."""
    if metas[0].kind is not Kind.JUDGMENT:
        return list(range(len(metas)))
    last: list[dt.date] = []
    rows: list[int] = []
    for meta in metas:
        day = meta.valid_from or dt.date.min
        row = next((row for row, before in enumerate(last) if day - before >= _APART), len(last))
        last[row:] = [day, *last[row + 1 :]]
        rows.append(row)
    return rows


def _mark(meta: DocumentMeta, lane: str, row: float, today: dt.date) -> Mark:
    start = meta.valid_from or today
    is_point = meta.kind is Kind.JUDGMENT
    return Mark(
        id=meta.id,
        name=meta.short_title,
        lane=lane,
        row=row,
        start=start,
        end=start if is_point else meta.repealed or max(today, start + _APART),
        is_point=is_point,
        state=state_of(meta, today),
        facts=byline(meta),
        dates=dates(meta),
    )
