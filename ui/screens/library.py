"""The library: what the corpus holds, as a list, a timeline and a map of disputed issues, and a search without an answer."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from rag import AigcLawError, documents
from ui import library_views as views
from ui import state
from ui.library_scope import show_scope
from ui.library_timeline import show_timeline
from ui.markup import literal
from ui.source import show_source
from ui.told import error_told
from ui.words import say

_VIEWS = {
    "list": views.show_list,
    "timeline": show_timeline,
    "issues": views.show_issues,
    "search": views.show_search,
}


def show() -> None:
    place = state.opened()
    if place is None:
        with st.container(key="library"):
            _show_library()
        return
    library, source = st.columns([3, 2], gap="large")
    with source:
        show_source(place)
    with library, st.container(key="library"):
        _show_library()


def _show_library() -> None:
    st.title(say("library.title"))
    try:
        metas = documents()
        show_scope()
        view = st.segmented_control(
            say("library.view"), list(_VIEWS), format_func=lambda name: say(f"library.{name}"), default="list",
            required=True, key="library-view", label_visibility="collapsed",
        )  # fmt: skip
        _VIEWS[view or "list"](metas, dt.date.today())
    except AigcLawError as error:
        with st.container(key="failure-library"):
            st.markdown(literal(str(error_told(error))))
