"""The rows of the timeline: instruments as bars while they are in force, judgments as points, in lanes by kind; own law above foreign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag import DocumentMeta, Kind
from ui.labels import kind_name
from ui.library.entries import byline, dates
from ui.library.span import Span, around
from ui.words import say

_SHORTEST = dt.timedelta(days=45)
"""The shortest bar."""
_TOUCH, _NAMED = 1 / 130, 0.2
"""Parts of what is seen: points of one row that are closer than the one would touch; a name takes the other."""
NAMED_UP_TO = dt.timedelta(days=740)
"""Where no more time than this is seen, points have room for their names."""
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
    """What its colour says, as ``state_of`` has it."""
    facts: str
    dates: str
    named: bool = True
    """Whether there is room for its name."""
    late: bool = False
    """Of a point: whether the name stands before it, because it would not fit behind."""


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


def timeline(metas: Iterable[DocumentMeta], today: dt.date, seen: Span | None = None) -> Timeline:
    """Place the documents that have a date; bars of what is in force end ``today``. ``seen`` is all of them where it is not given."""
    groups: dict[tuple[bool, int], list[DocumentMeta]] = {}
    undated: list[DocumentMeta] = []
    for meta in metas:
        if meta.valid_from is None:
            undated.append(meta)
        else:
            groups.setdefault(_lane_key(meta), []).append(meta)
    dated = [meta for found in groups.values() for meta in found]
    if not dated:
        return Timeline((), (), tuple(undated))
    seen = seen or extent(dated, today)
    marks: list[Mark] = []
    lanes: list[Lane] = []
    top = 0.0
    for key in sorted(groups):
        found = sorted(groups[key], key=lambda meta: (meta.valid_from or dt.date.min, meta.id))
        name, rows = _lane_name(found[0]), _rows(found, seen)
        marks += [_mark(meta, name, top + row + 0.5, today, seen) for meta, row in zip(found, rows, strict=True)]
        bottom = top + max(rows) + 1
        lanes.append(Lane(name, top, bottom))
        top = bottom + _GAP
    return Timeline(tuple(marks), tuple(lanes), tuple(undated))


def extent(metas: Iterable[DocumentMeta], today: dt.date) -> Span:
    """From the first to the last day of any of the documents, of which one has a date."""
    return around(day for meta in metas if meta.valid_from for day in (meta.valid_from, _end(meta, today)))


def state_of(meta: DocumentMeta, today: dt.date) -> str:
    """A judgment's finality; of anything else ``in_force``, ``ended`` or ``not_yet``."""
    if meta.kind is Kind.JUDGMENT:
        return meta.finality or "unknown"
    if meta.in_force(today):
        return "in_force"
    return "not_yet" if meta.valid_from and today < meta.valid_from else "ended"


def _lane_key(meta: DocumentMeta) -> tuple[bool, int]:
    """Foreign sources have two lanes: judgments and all else."""
    if meta.jurisdiction != "CN":
        return True, int(meta.kind is Kind.JUDGMENT)
    return False, list(Kind).index(meta.kind)


def _lane_name(meta: DocumentMeta) -> str:
    if meta.jurisdiction != "CN":
        return say("labels.foreign_judgment" if meta.kind is Kind.JUDGMENT else "labels.foreign_law")
    return kind_name(meta.kind)


def _rows(metas: Sequence[DocumentMeta], seen: Span) -> list[int]:
    """A row for each: bars have one of their own, points share where neither they nor their names touch."""
    if metas[0].kind is not Kind.JUDGMENT:
        return list(range(len(metas)))
    ends: list[dt.date] = []
    rows: list[int] = []
    for meta in metas:
        room = _room(meta.valid_from or dt.date.min, seen)
        row = next((row for row, end in enumerate(ends) if room.start >= end), len(ends))
        ends[row:] = [room.end, *ends[row + 1 :]]
        rows.append(row)
    return rows


def _room(day: dt.date, seen: Span) -> Span:
    """What a point takes, with its name where it has one."""
    touch, name = seen.length * _TOUCH, seen.length * _NAMED
    if not _has_names(seen):
        return Span(day, day + touch)
    return Span(day - name, day + touch) if _is_late(day, seen) else Span(day - touch, day + name)


def _has_names(seen: Span) -> bool:
    return seen.length <= NAMED_UP_TO


def _is_late(day: dt.date, seen: Span) -> bool:
    return day < seen.end < day + seen.length * _NAMED


def _end(meta: DocumentMeta, today: dt.date) -> dt.date:
    """Where its mark ends: a point where it starts, a bar when the instrument was repealed or today."""
    start = meta.valid_from or today
    return start if meta.kind is Kind.JUDGMENT else meta.repealed or max(today, start + _SHORTEST)


def _mark(meta: DocumentMeta, lane: str, row: float, today: dt.date, seen: Span) -> Mark:
    start = meta.valid_from or today
    is_point = meta.kind is Kind.JUDGMENT
    return Mark(
        id=meta.id,
        name=meta.short_title,
        lane=lane,
        row=row,
        start=start,
        end=_end(meta, today),
        is_point=is_point,
        state=state_of(meta, today),
        facts=byline(meta),
        dates=dates(meta),
        named=not is_point or _has_names(seen),
        late=is_point and _is_late(start, seen),
    )
