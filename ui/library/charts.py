"""The two charts. Altair takes a second to import: only these functions load it."""

from __future__ import annotations

import datetime as dt
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ui.labels import finality_name
from ui.library.entries import byline, dates
from ui.library.issue_map import IssueRow
from ui.library.span import Span
from ui.library.timeline import Mark, Timeline, state_of
from ui.words import catalogue, say

if TYPE_CHECKING:
    import altair as alt

PICK = "pick"
"""The selection that a click on a point or bar makes."""
SEEN = "seen"
"""The stretch of time that is seen after the chart was dragged or enlarged."""

_ROW = 15
"""Pixels of a row of the timeline."""
_ISSUE_ROW = 58
_LINE = 38
"""Characters of a line of a question."""
_PER_LINE = 8
"""Points side by side in a cell of the issue map."""
_NAME = 17
"""Characters of a name beside its bar."""
_DAYS = "utcFormat(datum.value, utcdate(datum.value) > 1 ? '%m-%d' : utcmonth(datum.value) > 0 ? '%Y-%m' : '%Y')"
"""What stands at the axis: 2025, 2025-04 or 04-15, by what the tick is at."""


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours of a chart in one theme."""

    ink: str
    quiet: str
    line: str
    accent: str
    scale: tuple[tuple[str, str], ...]
    """What each state (in force, final, …) is painted in."""


LIGHT = Paint(
    ink="#24272b", quiet="#5d666f", line="#dfdbd1", accent="#2f5d8a",
    scale=(
        ("in_force", "#8fb0d1"), ("ended", "#cfcbc2"), ("not_yet", "#c9b8dc"), ("final", "#1f6f5c"), ("not_final", "#c26a1a"),
        ("pending", "#8b6bb5"), ("unknown", "#7d858d"),
    ),
)  # fmt: skip
DARK = Paint(
    ink="#e6e4df", quiet="#9aa3ab", line="#3a3f45", accent="#8ab4e0",
    scale=(
        ("in_force", "#3d628a"), ("ended", "#4a4d50"), ("not_yet", "#5f4f78"), ("final", "#5cc2a5"), ("not_final", "#f0a050"),
        ("pending", "#b79be0"), ("unknown", "#a3abb3"),
    ),
)  # fmt: skip


def timeline_chart(found: Timeline, paint: Paint, seen: Span) -> alt.LayerChart | alt.FacetChart:
    """Lanes from top to bottom; dragged and enlarged in time with the mouse, from ``seen`` on."""
    import altair as alt

    height = found.lanes[-1].bottom if found.lanes else 1
    row = alt.Y(
        "row:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False), axis=_lanes(found, paint)
    )
    base = _seen_part(alt.Chart(alt.InlineData(values=[_mark(mark) for mark in found.marks])), seen).encode(
        y=row, tooltip=_tooltip(("name", "lane", "dates", "facts")), description="name:N"
    )
    color = _colors({mark.state for mark in found.marks}, paint, legend=False)
    start = alt.X(
        "start:T", title=None, scale=alt.Scale(type="utc", domain=[_moment(seen.start), _moment(seen.end)], nice=False),
        axis=alt.Axis(
            orient="top", grid=True, gridColor=paint.line, gridOpacity=0.6, labelColor=paint.quiet, labelOverlap=True,
            labelExpr=_DAYS, tickCount=16,
        ),
    )  # fmt: skip
    bars = (
        base.transform_filter("!datum.point")
        .mark_rect(height=_ROW - 3, cornerRadius=2, cursor="pointer", clip=True)
        .encode(x=start, x2="end:T", color=color)
    )
    names = base.transform_filter("datum.named").encode(x=alt.X("shown:T"), text="label:N")
    # A late bar is short: its name stands before it. A point has it beside it.
    inside = names.transform_filter("!datum.before").mark_text(
        align="left", dx=alt.expr("datum.point ? 9 : 5"), fontSize=11, color=paint.ink, cursor="pointer", clip=True
    )
    before = names.transform_filter("datum.before").mark_text(
        align="right", dx=alt.expr("datum.point ? -9 : -5"), fontSize=11, color=paint.ink, cursor="pointer", clip=True
    )
    points = (
        base.transform_filter("datum.point")
        .mark_circle(size=95, opacity=0.95, cursor="pointer", stroke=paint.ink, strokeWidth=0, clip=True)
        .encode(x=start, color=color)
        .add_params(_pick_unless_dragged(), _drag_and_enlarge())
    )
    grabbed = alt.ViewBackground(cursor="grab")
    return alt.layer(bars, inside, before, points).properties(height=int(height * _ROW) + 40, view=grabbed)


def _lanes(found: Timeline, paint: Paint) -> alt.Axis:
    import altair as alt

    middles = {f"{(lane.top + lane.bottom) / 2:.2f}": lane.name for lane in found.lanes}
    return alt.Axis(
        values=[float(middle) for middle in middles],
        labelExpr=f"split({json.dumps(middles, ensure_ascii=False)}[format(datum.value, '.2f')], ' ')",  # a word a line
        title=None, grid=False, ticks=False, domain=False, labelColor=paint.quiet, labelLimit=90, labelPadding=8,
    )  # fmt: skip


def _seen_part(chart: alt.Chart, seen: Span) -> alt.Chart:
    """What lies in the stretch that is seen; the name of a bar that began earlier stands at its left edge."""
    left = f"(isValid({SEEN}.start) ? +{SEEN}.start[0] : {_moment(seen.start)})"
    right = f"(isValid({SEEN}.start) ? +{SEEN}.start[1] : {_moment(seen.end)})"
    return (
        chart.transform_filter(f"datum.end >= {left} && datum.start <= {right}")
        .transform_calculate(shown=f"datum.point ? datum.start : max(datum.start, {left})")
        .transform_calculate(before=f"datum.point ? datum.late : datum.start > {left} + ({right} - {left}) / 2")
    )


def _pick_unless_dragged() -> alt.Parameter:
    """A click that moved the pointer was a drag, which opens nothing."""
    import altair as alt

    moved = "window:pointermove[abs(event.movementX) + abs(event.movementY) > 1]"
    return alt.selection_point(name=PICK, fields=["id"], on=f"[pointerdown, {moved}] > pointerup", clear=False)


def _drag_and_enlarge() -> alt.Parameter:
    """Dragged with a mouse: a finger scrolls. The wheel alone scrolls the page, with Ctrl it enlarges as elsewhere in a browser."""
    import altair as alt

    return alt.selection_interval(
        name=SEEN, bind="scales", encodings=["x"], clear="dblclick",
        translate="[pointerdown[event.pointerType === 'mouse'], window:pointerup] > window:pointermove!",
        zoom="wheel![event.ctrlKey || event.metaKey || event.shiftKey]",
    )  # fmt: skip


def issue_chart(rows: Sequence[IssueRow], paint: Paint, today: dt.date) -> alt.LayerChart | alt.FacetChart:
    """A row for each issue, a cell for each answer that was given to it, a point for each document that gives it."""
    import altair as alt

    cells = [
        {"row": at, "side": side, "next": side + 1, "label": f"{found.short} · {len(found.answered)}", "n": len(found.answered)}
        for at, row in enumerate(rows)
        for side, found in enumerate(row.sides)
    ]  # fmt: skip
    questions = {str(at): textwrap.fill(row.question, _LINE) for at, row in enumerate(rows)}
    axis = alt.Axis(
        values=list(range(len(rows))), labelExpr=f"split({json.dumps(questions, ensure_ascii=False)}[datum.value], '\\n')", title=None,
        grid=False, ticks=False, domain=False, labelColor=paint.ink, labelLimit=250, labelPadding=8, labelFontSize=12,
    )  # fmt: skip
    row_scale = alt.Scale(domain=[-0.5, len(rows) - 0.5], reverse=True, nice=False, zero=False)
    sides = max((len(row.sides) for row in rows), default=1)
    side_scale = alt.Scale(domain=[0, sides], nice=False, zero=False)
    grid = alt.Chart(alt.InlineData(values=cells)).encode(y=alt.Y("row:Q", scale=row_scale, axis=axis))
    x = alt.X("side:Q", scale=side_scale, axis=None)
    heat = alt.Opacity("n:Q", scale=alt.Scale(domain=[0, 7], range=[0.06, 0.3]), legend=None)
    boxes = grid.mark_rect(height=_ISSUE_ROW - 6, cornerRadius=4, color=paint.accent).encode(
        x=x, x2="next:Q", opacity=heat
    )
    words = grid.mark_text(align="left", dx=9, dy=-14, fontSize=11, limit=118, color=paint.ink).encode(
        x=x, text="label:N"
    )
    answers = [entry for at, row in enumerate(rows) for entry in _answers(at, row, today)]
    documents = [answered.document for row in rows for side in row.sides for answered in side.answered]
    states = {state_of(document, today) for document in documents}
    points = (
        alt.Chart(alt.InlineData(values=answers))
        .mark_circle(size=110, opacity=1, cursor="pointer", yOffset=9)
        .encode(
            x=alt.X("at:Q", scale=side_scale, axis=None),
            y=alt.Y("row:Q", scale=row_scale, axis=axis),
            color=_colors(states, paint),
            tooltip=_tooltip(("name", "answer", "why", "dates", "facts")),
        )
        .add_params(alt.selection_point(name=PICK, fields=["key"], on="click", clear=False))
    )
    return alt.layer(boxes, words, points).properties(height=_ISSUE_ROW * max(len(rows), 1) + 40)


def _mark(mark: Mark) -> dict[str, object]:
    return {
        "id": mark.id, "name": mark.name, "label": _cut(mark.name), "lane": mark.lane, "row": mark.row,
        "start": _moment(mark.start), "end": _moment(mark.end), "point": mark.is_point, "late": mark.late,
        "named": mark.named, "state": state_name(mark.state), "facts": mark.facts, "dates": mark.dates,
    }  # fmt: skip


def _moment(day: dt.date) -> int:
    """Milliseconds, as Vega counts: the end of a bar has no type of its own by which it would read a date."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp() * 1000)


def _answers(at: int, row: IssueRow, today: dt.date) -> list[dict[str, object]]:
    return [
        {
            "key": answered.key, "row": at, "at": side + (place + 0.6) / (_PER_LINE + 0.2), "name": answered.document.short_title,
            "answer": found.label, "why": answered.stance.why or "", "dates": dates(answered.document),
            "facts": byline(answered.document), "state": state_name(state_of(answered.document, today)),
        }
        for side, found in enumerate(row.sides)
        for place, answered in enumerate(found.answered)
    ]  # fmt: skip


def _cut(name: str) -> str:
    bare = name.removeprefix("《").removesuffix("》").removeprefix("最高人民法院").lstrip("、")
    return bare if len(bare) <= _NAME else f"{bare[:_NAME]}…"


def _tooltip(fields: Sequence[str]) -> list[Any]:
    import altair as alt

    return [alt.Tooltip(f"{field}:N", title=say(f"library.tip_{field}")) for field in fields]


def shown_colours(states: set[str], paint: Paint) -> list[tuple[str, str]]:
    """The states (``state_of``) that occur, in words and in the order of the paint, with their colours."""
    return [(state_name(state), colour) for state, colour in paint.scale if state in states]


def state_name(state: str) -> str:
    key = f"labels.state_{state}"
    return say(key) if key in catalogue() else finality_name(state)


def _colors(states: set[str], paint: Paint, *, legend: bool = True) -> alt.Color:
    import altair as alt

    shown = shown_colours(states, paint)
    scale = alt.Scale(domain=[state for state, _ in shown], range=[colour for _, colour in shown])
    below = alt.Legend(title=None, orient="bottom", labelColor=paint.quiet, symbolType="circle", columns=4)
    return alt.Color("state:N", scale=scale, legend=below if legend else None)
