"""The pages and what they share: ``python -m ui``, or ``streamlit run ui/app.py``."""

from __future__ import annotations

import sys
from pathlib import Path

# ``streamlit run`` puts this folder on the path, not the one that the packages lie in.
if (_ROOT := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, _ROOT)

import streamlit as st

from ui import kept, screens, visitor, warm
from ui.sidebar import show_sidebar
from ui.style import CSS
from ui.words import say


def main() -> None:
    visitor.recognise()
    st.set_page_config(page_title=say("shell.title"), page_icon="⚖️", layout="wide")
    st.html(CSS)
    page = st.navigation(screens.all_pages())
    visitor.remember()
    if st.session_state.pop("goes_to_chat", False) and page.url_path:
        screens.go_to("chat")
    # The page comes first: it is what the visitor waits for, and the list at the side then holds the conversation just begun.
    try:
        page.run()
    except Exception:  # a page that fails does not take the side with it
        _show_side()
        raise
    _show_side()
    warm.page_drawn.set()


def _show_side() -> None:
    kept.keep_up()
    show_sidebar()


main()
