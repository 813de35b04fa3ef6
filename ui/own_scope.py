"""The choice of what questions are answered from, wherever it is offered; ``ui.own`` holds what was chosen."""

from __future__ import annotations

import streamlit as st

from ui import own, state
from ui.words import say

_KEY = "own-scope"


def show_scope_choice(*, compact: bool = False) -> None:
    """The library, one's own documents, or both. ``compact``: on one line, for the place where the question is typed.

    What was chosen outlives a page, which a widget's own state does not. A question that is being answered keeps what it was asked of.
    """
    st.session_state[_KEY] = own.scope()
    if compact:
        st.caption(say("documents.scope"), width="content")
    st.segmented_control(
        say("documents.scope"), own.SCOPES, format_func=lambda scope: say(f"documents.scope_{scope}"), required=True,
        key=_KEY, on_change=_choose, help=None if compact else say("documents.scope_help"),
        label_visibility="collapsed" if compact else "visible",
    )  # fmt: skip


def _choose() -> None:
    if state.pending() is None:
        own.choose_scope(st.session_state[_KEY])
