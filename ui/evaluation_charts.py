"""The charts of the evaluation page. Colours are legible on both themes; texts and axes take those of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ui.evaluation import Bar, Dot
from ui.words import say

if TYPE_CHECKING:
    from altair import LayerChart

BLUE, AMBER, GREY = "#4a86c0", "#c57b27", "#8a929a"
_ROW = 30
_LABELS = {"labelLimit": 150, "title": None, "labelPadding": 6}


def dot_chart(dots: Sequence[Dot], *, emphasised: str = "") -> LayerChart:
    """A dot with its interval for every name, in the order given; groups side by side in colours. ``emphasised``: a name in its own colour."""
    alt = _altair()

    names, groups = _in_order(dot.name for dot in dots), _in_order(dot.group for dot in dots)
    rows = [_shown(dot) for dot in dots]
    y = alt.Y("name:N", sort=names, axis=alt.Axis(**_LABELS, ticks=False, domain=False, grid=True))
    axis = alt.Axis(format=".0%", title=None, tickCount=5)
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=y, color=_colour(alt, groups, emphasised), tooltip=_tooltip(alt, grouped=len(groups) > 1)
    )
    if len(groups) > 1:
        base = base.encode(yOffset=alt.YOffset("group:N", sort=groups, scale=alt.Scale(paddingOuter=0.6)))
    scale = alt.Scale(domain=[0, 1])
    interval = base.mark_rule(strokeWidth=4, opacity=0.4, strokeCap="round").encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"
    )
    dot = base.mark_point(filled=True, size=85, opacity=1).encode(x=alt.X("mean:Q", scale=scale, axis=axis))
    height = alt.Step(_ROW if len(groups) < 2 else 16)
    return _finished(alt.layer(interval, dot), height)


def bar_chart(bars: Sequence[Bar], *, emphasised: str = "") -> LayerChart:
    """Lying bars with their figures at the end; groups are stacked, each figure inside its part."""
    alt = _altair()
    names, groups = _in_order(bar.name for bar in bars), _in_order(bar.group for bar in bars)
    rows = [asdict(bar) | {"label": f"{round(bar.value, 1):,g}" if bar.value else ""} for bar in bars]
    most = max((sum(bar.value for bar in bars if bar.name == name) for name in names), default=1)
    stack = "zero" if len(groups) > 1 else None
    x = alt.X(
        "value:Q", stack=stack, scale=alt.Scale(domain=[0, most * 1.15 or 1]), axis=alt.Axis(title=None, tickCount=4)
    )
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("name:N", sort=names, axis=alt.Axis(**_LABELS, ticks=False, domain=False)),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("label:N", title=say("evaluation.outcome"))],
    )
    mark = base.mark_bar(height=16, cornerRadius=2).encode(
        x=x, color=_colour(alt, groups, emphasised), order=alt.Order("group:N", sort="descending")
    )
    if len(groups) > 1:
        return _finished(alt.layer(mark), alt.Step(40))
    text = base.mark_text(align="left", dx=5, color=GREY).encode(x=x, text="label:N")
    return _finished(alt.layer(mark, text), alt.Step(_ROW))


def column_chart(bars: Sequence[Bar], axis_title: str) -> LayerChart:
    """Standing bars: a distribution."""
    alt = _altair()
    names = [bar.name for bar in bars]
    base = alt.Chart(alt.Data(values=[asdict(bar) for bar in bars])).encode(
        x=alt.X("name:O", sort=names, axis=alt.Axis(title=axis_title, labelAngle=0, labelOverlap=True)),
        y=alt.Y("value:Q", axis=alt.Axis(title=say("evaluation.questions"), tickCount=4)),
        tooltip=[
            alt.Tooltip("name:N", title=axis_title), alt.Tooltip("value:Q", title=say("evaluation.questions")),
        ],
    )  # fmt: skip
    text = base.mark_text(dy=-8, color=GREY).encode(text="value:Q")
    return _finished(alt.layer(base.mark_bar(color=BLUE, cornerRadiusEnd=2), text), 220)


def _altair() -> Any:
    return import_module("altair")  # half a second to import: only where something is drawn


def _finished(chart: Any, height: Any) -> LayerChart:
    found: LayerChart = chart.properties(height=height)
    return found


def _in_order(names: Any) -> list[str]:
    return list(dict.fromkeys(names))


def _shown(dot: Dot) -> dict[str, object]:
    """A dot without an interval has one of no length."""
    low, high = (dot.mean if end is None else end for end in (dot.low, dot.high))
    return asdict(dot) | {"low": low, "high": high}


def _colour(alt: Any, groups: Sequence[str], emphasised: str) -> Any:
    if len(groups) > 1:
        legend = alt.Legend(title=None, orient="top", direction="horizontal", symbolOpacity=1)
        return alt.Color("group:N", sort=groups, scale=alt.Scale(domain=groups, range=[BLUE, AMBER]), legend=legend)
    if emphasised:
        return alt.condition(alt.datum.name == emphasised, alt.value(BLUE), alt.value(GREY))
    return alt.value(BLUE)


def _tooltip(alt: Any, *, grouped: bool) -> list[Any]:
    shown = [alt.Tooltip("name:N", title=" ")]
    if grouped:
        shown.append(alt.Tooltip("group:N", title=say("evaluation.split")))
    figures = (("mean", "mean"), ("low", "low"), ("high", "high"))
    shown += [alt.Tooltip(f"{field}:Q", title=say(f"evaluation.{key}"), format=".1%") for field, key in figures]
    return [*shown, alt.Tooltip("n:Q", title=say("evaluation.questions"))]
