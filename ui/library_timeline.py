"""The timeline of the library: chosen by presets, buttons or months, dragged and enlarged with the mouse, opened by a click."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape

import streamlit as st

from rag import DocumentMeta
from ui import state
from ui.labels import listed
from ui.library import span as spans
from ui.library.charts import PICK, SEEN, shown_colours, timeline_chart
from ui.library.span import Span
from ui.library.timeline import NAMED_UP_TO, extent, timeline
from ui.library_filters import show_filters
from ui.library_picks import chart_key, paint, picked
from ui.markup import literal
from ui.state import Place
from ui.words import say

_SEEN = "library-seen"
"""The stretch that is seen, as the visitor chose it; all that there is where nothing was chosen."""
_DRAWN = "library-drawn"
"""Key of the chart and the stretch that it was drawn with: what the mouse does in the chart does not draw it anew."""


def show_timeline(metas: Sequence[DocumentMeta], today: dt.date) -> None:
    found = show_filters(metas)
    dated = [meta for meta in found if meta.valid_from]
    if dated:
        bounds = extent(dated, today)
        _show_span(bounds, today)
        _show_chart(dated, bounds, today)
    if undated := [meta.short_title for meta in found if not meta.valid_from]:
        st.caption(say("library.undated", names=literal(listed(undated))))


def _show_chart(dated: Sequence[DocumentMeta], bounds: Span, today: dt.date) -> None:
    key, seen = _drawn(bounds)
    drawn = timeline(dated, today, seen)
    st.caption(say("library.timeline_how"))
    st.html(_legend({mark.state for mark in drawn.marks}))
    with st.container(key="library-timeline"):
        st.altair_chart(
            timeline_chart(drawn, paint(), seen), width="stretch", key=key, selection_mode=(PICK, SEEN),
            on_select=lambda: _on_chart(key, bounds), alt=say("library.timeline_alt", n=len(drawn.marks)),
        )  # fmt: skip


def _show_span(bounds: Span, today: dt.date) -> None:
    """The stretch that is seen, and what changes it without a mouse."""
    seen = _seen(bounds)
    with st.container(key="library-span", horizontal=True, vertical_alignment="center", gap="small"):
        _choose_preset(seen, bounds, today)
        with st.container(key="library-steps", horizontal=True, gap="xsmall"):
            earlier, later = spans.moved(seen, -1, bounds), spans.moved(seen, 1, bounds)
            _step("earlier", "arrow_back", earlier, seen)
            _step("later", "arrow_forward", later, seen)
            _step("closer", "zoom_in", spans.zoomed(seen, spans.STEP, bounds), seen)
            _step("wider", "zoom_out", spans.zoomed(seen, 1 / spans.STEP, bounds), seen)
    _choose_months(seen, bounds)


def _choose_preset(seen: Span, bounds: Span, today: dt.date) -> None:
    st.session_state["library-preset"] = spans.preset_of(seen, today, bounds)

    def choose() -> None:
        years = spans.PRESETS[st.session_state["library-preset"] or "all"]
        _see(spans.last_years(years, today, bounds) if years else None)

    st.segmented_control(
        say("library.span"), list(spans.PRESETS), format_func=lambda name: say(f"library.span_{name}"),
        key="library-preset", on_change=choose, label_visibility="collapsed",
    )  # fmt: skip


def _step(name: str, icon: str, changed: Span, seen: Span) -> None:
    st.button(
        say(f"library.span_{name}"), key=f"library-{name}", icon=f":material/{icon}:", disabled=changed == seen,
        on_click=_see, args=(changed,),
    )  # fmt: skip


def _choose_months(seen: Span, bounds: Span) -> None:
    """The slider stays the same one while it is used, so that it keeps the keyboard; what is changed elsewhere makes a new one."""
    known = spans.months(bounds)
    now, turn = spans.months_of(seen, known), st.session_state.setdefault("library-slider", 0)
    if st.session_state.get(f"library-months-{turn}", now) != now:
        turn = st.session_state["library-slider"] = turn + 1
    key = f"library-months-{turn}"
    if len(known) > 1:
        st.select_slider(
            say("library.span_months"), known, value=now, format_func=lambda month: f"{month:%Y-%m}", key=key,
            on_change=lambda: _see(spans.from_months(*st.session_state[key])),
        )  # fmt: skip


def _seen(bounds: Span) -> Span:
    """What was chosen, as far as there is anything; the filters may leave less than there was."""
    chosen: Span | None = st.session_state.get(_SEEN)
    return chosen.within(bounds) if chosen else bounds


def _see(chosen: Span | None) -> None:
    st.session_state[_SEEN] = chosen
    st.session_state["library-round"] = st.session_state.get("library-round", 0) + 1


def _drawn(bounds: Span) -> tuple[str, Span]:
    """Key of the chart and what it shows at first. A new chart begins with what is seen; one of all that there is follows the filters."""
    key, seen = chart_key("timeline"), _seen(bounds)
    if st.session_state.get(_DRAWN, ("",))[0] != key:
        st.session_state[_DRAWN] = key, st.session_state.get(_SEEN) and seen
    begun: Span | None = st.session_state[_DRAWN][1]
    return key, begun or bounds


def _on_chart(key: str, bounds: Span) -> None:
    """The chart was dragged or enlarged, or something in it was clicked; each tells of both."""
    _, begun = st.session_state[_DRAWN]
    moved = st.session_state[key]["selection"].get(SEEN) or {}
    reported = spans.from_moments(*moved["start"]) if moved.get("start") else None
    before = _seen(bounds).length <= NAMED_UP_TO
    st.session_state[_SEEN] = reported or begun
    if (_seen(bounds).length <= NAMED_UP_TO) != before:  # room for the names of judgments, or none any more
        _see(reported or begun)
    clicked = picked(key, "id")
    if clicked and st.session_state.get("library-clicked") != (key, clicked):
        st.session_state["library-clicked"] = key, clicked
        st.session_state["library-from-chart"] = True
        state.open_place(Place(clicked))


def _legend(states: set[str]) -> str:
    spot = '<span style="display:inline-block;width:.8em;height:.8em;border-radius:50%;background:{}"></span>'
    items = (f"<span>{spot.format(colour)} {escape(state)}</span>" for state, colour in shown_colours(states, paint()))
    return f'<div class="legend">{"".join(items)}</div>'
