"""What every page has at its side: a new conversation, the day and kinds of source, kept conversations, the notice."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from rag import AigcLawError, Kind
from ui import kept, state
from ui.labels import kind_name
from ui.markup import literal
from ui.told import error_told
from ui.words import say

_EARLIEST = dt.date(1991, 6, 1)  # the first Copyright Law enters into force
_SHOWN = 12
"""Conversations listed; the search finds the others."""


def show_sidebar() -> None:
    with st.sidebar:
        st.button(say("shell.new"), icon=":material/add:", width="stretch", key="new", on_click=_begin_anew)
        with st.expander(say("shell.sources"), icon=":material/event:", expanded=True):
            _choose_date()
            _choose_kinds()
        _show_conversations()
        st.caption(say("shell.notice"))


def options() -> state.Options:
    """How to answer, as chosen at the side."""
    return state.Options(_day(), tuple(st.session_state.get("chosen_kinds") or ()))


def _begin_anew() -> None:
    """Before the page runs: a question that waits is given up, not answered first."""
    kept.keep_up()
    state.begin([])
    st.session_state.goes_to_chat = True


def _reopen(identifier: str) -> None:
    kept.keep_up()
    kept.reopen(identifier)
    st.session_state.goes_to_chat = True


# What was chosen is remembered beside the widgets: their own state is lost where one page leads to another.


def _day() -> dt.date | None:
    day: dt.date | None = st.session_state.get("chosen_day")
    return day


def _choose_date() -> None:
    words = {"today": say("shell.today"), "other": say("shell.other_day")}
    st.session_state["day"] = "today" if _day() is None else "other"
    st.segmented_control(
        say("shell.as_of"), list(words), format_func=words.__getitem__, key="day", required=True,
        help=say("shell.as_of_help"), on_change=_pick_day,
    )  # fmt: skip
    if day := _day():
        st.session_state["as-of"] = day
        st.date_input(
            say("shell.date"), min_value=_EARLIEST, format="YYYY-MM-DD", key="as-of", label_visibility="collapsed",
            on_change=_pick_date,
        )  # fmt: skip


def _pick_day() -> None:
    st.session_state.chosen_day = dt.date.today() if st.session_state["day"] == "other" else None


def _pick_date() -> None:
    if isinstance(day := st.session_state.get("as-of"), dt.date):
        st.session_state.chosen_day = day


def _pick_kinds() -> None:
    st.session_state.chosen_kinds = [Kind(kind) for kind in st.session_state["kinds"] or ()]


def _choose_kinds() -> None:
    names = [kind for kind in Kind if kind is not Kind.OWN]
    st.session_state["kinds"] = list(st.session_state.get("chosen_kinds") or ())
    st.pills(
        say("shell.kinds"), names, format_func=kind_name, selection_mode="multi", key="kinds",
        help=say("shell.kinds_help"), on_change=_pick_kinds,
    )  # fmt: skip


def _show_conversations() -> None:
    if why := st.session_state.get("not_kept"):
        st.caption(say("keep.not_kept", why=why))
    with st.expander(say("keep.conversations"), icon=":material/history:"):
        try:
            _list_conversations()
        except AigcLawError as error:
            st.caption(str(error_told(error)))


def _list_conversations() -> None:
    everything = kept.conversations()
    words = st.text_input(
        say("keep.search"), key="search-kept", placeholder=say("keep.search"), label_visibility="collapsed"
    )
    found = [(f.conversation, f.excerpt) for f in everything.search(words)] if words else []
    shown = found or [(c, "") for c in ([] if words else everything.all()[:_SHOWN])]
    if not shown:
        st.caption(say("keep.nothing_found" if words else "keep.none"))
    for conversation, excerpt in shown:
        with st.container(key=f"kept-{conversation.id}", horizontal=True, gap="small"):
            st.button(
                literal(conversation.title), key=f"reopen-{conversation.id}", type="tertiary",
                help=literal(excerpt) or None, width="stretch", on_click=_reopen, args=(conversation.id,),
            )  # fmt: skip
            if st.button(
                "", icon=":material/more_horiz:", key=f"more-{conversation.id}", help=say("keep.more"), type="tertiary"
            ):
                _change_dialog(conversation.id, conversation.title)


def _change_dialog(identifier: str, title: str) -> None:
    @st.dialog(say("keep.more"))
    def change() -> None:
        name = st.text_input(say("keep.name"), value=title, max_chars=60)
        left, right = st.columns(2)
        try:
            if left.button(say("keep.rename"), key="rename", width="stretch"):
                kept.conversations().rename(identifier, name)
                st.rerun()
            if right.button(say("keep.delete"), key="delete", width="stretch", type="primary"):
                kept.delete(identifier)
                st.rerun()
        except AigcLawError as error:
            st.caption(str(error_told(error)))

    change()
