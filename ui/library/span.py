"""The stretch of time that the timeline shows: the whole, the last years, enlarged, moved, from one month to another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PRESETS: dict[str, int | None] = {"all": None, "five": 5, "two": 2, "one": 1}
"""Years up to today; ``all`` is from the first document to the last."""
STEP = 2.0
"""How much one press of a button enlarges."""
_MOVE = 0.5
"""Part of what is seen by which one press moves."""
_SHORTEST = dt.timedelta(days=28)
_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` up to ``end``, which is later."""

    start: dt.date
    end: dt.date

    @property
    def length(self) -> dt.timedelta:
        return self.end - self.start

    def within(self, bounds: Span) -> Span:
        """As long as it is where that fits, moved so that it lies inside ``bounds``."""
        length = min(max(self.length, _SHORTEST), bounds.length)
        start = min(max(self.start, bounds.start), bounds.end - length)
        return Span(start, start + length)


def around(days: Iterable[dt.date]) -> Span:
    """Full months around all of the days, of which there is at least one."""
    found = sorted(days)
    return Span(found[0].replace(day=1), next_month(found[-1]))


def last_years(count: int | None, today: dt.date, bounds: Span) -> Span:
    """The ``count`` years that end with this month; all that there is for None."""
    if count is None:
        return bounds
    end = next_month(today)
    return Span(end.replace(year=end.year - count), end).within(bounds)


def preset_of(span: Span, today: dt.date, bounds: Span) -> str | None:
    """Which of the presets a span is, if any."""
    return next((name for name, years in PRESETS.items() if last_years(years, today, bounds) == span), None)


def zoomed(span: Span, factor: float, bounds: Span) -> Span:
    """Enlarged (``factor`` above 1) or made smaller around its middle."""
    length = max(span.length / factor, _SHORTEST)
    start = span.start + (span.length - length) / 2
    return Span(start, start + length).within(bounds)


def moved(span: Span, direction: int, bounds: Span) -> Span:
    """Half of what is seen earlier (-1) or later (1)."""
    by = span.length * _MOVE * direction
    return Span(span.start + by, span.end + by).within(bounds)


def months(bounds: Span) -> list[dt.date]:
    """The first day of each month in it."""
    found = [bounds.start.replace(day=1)]
    while (month := next_month(found[-1])) < bounds.end:
        found.append(month)
    return found


def months_of(span: Span, known: Sequence[dt.date]) -> tuple[dt.date, dt.date]:
    """Its first and last month, as far as they are among the ``known`` ones."""
    first, last = span.start.replace(day=1), (span.end - dt.timedelta(days=1)).replace(day=1)
    return min(max(first, known[0]), known[-1]), min(max(last, known[0]), known[-1])


def from_months(first: dt.date, last: dt.date) -> Span:
    """From the beginning of one month to the end of another."""
    return Span(first, next_month(last))


def from_moments(start: float, end: float) -> Span | None:
    """What a chart reports, in milliseconds; nothing where it is no stretch of time."""
    days = [_EPOCH + dt.timedelta(milliseconds=moment) for moment in (start, end)]
    return Span(min(days), max(days)) if days[0] != days[1] else None


def next_month(day: dt.date) -> dt.date:
    """The first day of the month after the one that ``day`` is in."""
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
