"""How a chart of the library is shown and what was clicked in it."""

from __future__ import annotations

import streamlit as st

from ui import state
from ui.library.charts import DARK, LIGHT, PICK, Paint


def picked(key: str, field: str) -> str:
    """The field of what was clicked; nothing where the click took a selection back."""
    rows = st.session_state[key]["selection"].get(PICK) or [{}]
    return str(rows[0].get(field, ""))


def chart_key(name: str) -> str:
    """A chart keeps what was clicked, and a second click on it would say nothing: once the source is closed, a new one is drawn."""
    round_ = st.session_state.setdefault("library-round", 0)
    if state.opened() is None and st.session_state.pop("library-from-chart", False):
        round_ = st.session_state["library-round"] = round_ + 1
    return f"library-{name}-{round_}"


def paint() -> Paint:
    return DARK if st.context.theme.type == "dark" else LIGHT
