"""The source view: the stored document around a place, its quote highlighted, with what it is, how it is cited, and what it is connected to."""

from __future__ import annotations

from html import escape

import streamlit as st

from rag import AigcLawError
from rag.pipeline import Assistant, open_assistant
from ui import own, state
from ui.source_data import View, place_of, title_html, view_of
from ui.source_view import source_view, words
from ui.state import Place
from ui.told import error_told
from ui.words import say

_KEY = "source-view"


def show_source(place: Place) -> None:
    """The view of one place; documents that are gone or have changed since are said to be so."""
    problem = ""
    view: View | None = None
    try:
        view = view_of(place, _assistant_of(place))
    except AigcLawError as error:
        problem = say("source.gone_own") if place.own else str(error_told(error))
    if view is None:
        view = _without_document(place, problem or say("source.gone_own" if place.own else "source.gone"))
    data = view.data() | {
        "place": str(hash((view, place.start, place.end))),
        "back": bool(_trail(place)),
        "words": words(),
    }
    with st.container(key="source"):
        source_view(key=_KEY, data=data, on_closed_change=_close, on_back_change=_go_back, on_follow_change=_follow)


def show_hint() -> None:
    with st.container(key="source-hint"):
        st.caption(say("chat.source_hint"))


def _assistant_of(place: Place) -> Assistant:
    return own.collection().assistant("own") if place.own else open_assistant()


def _without_document(place: Place, problem: str) -> View:
    cited = place.citation.title if place.citation else place.document_id
    return View(
        head=title_html(cited, place), text=f"<p>{escape(problem)}</p>", stops=(), current=-1, at=-1, citation="", quoted="", related=""
    )  # fmt: skip


def _follow() -> None:
    """Open what a link leads to; the way back is remembered."""
    target, here = str(st.session_state[_KEY].follow or ""), state.opened()
    if here is None:
        return
    try:
        there = place_of(target, open_assistant())
    except AigcLawError:
        return
    if there:
        trail = (*_trail(here), here)
        st.session_state["source-trail"] = (there, trail)
        state.open_place(there)


def _go_back() -> None:
    here = state.opened()
    if here and (trail := _trail(here)):
        st.session_state["source-trail"] = (trail[-1], trail[:-1])
        state.open_place(trail[-1])


def _close() -> None:
    st.session_state.pop("source-trail", None)
    state.close_place()


def _trail(here: Place) -> tuple[Place, ...]:
    """The places that links were followed from to get here, first one first; what is opened from elsewhere begins anew."""
    place, trail = st.session_state.get("source-trail", (here, ()))
    return tuple(trail) if place == here else ()
