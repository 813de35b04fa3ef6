"""The pages, in the order of the navigation. Each is a module with ``show``, loaded when its page is opened."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.words import say

_ICONS = {
    "chat": ":material/chat:",
    "library": ":material/local_library:",
    "documents": ":material/folder_open:",
    "settings": ":material/tune:",
    "evaluation": ":material/monitoring:",
}


def all_pages() -> list[StreamlitPage]:
    return [_page(name) for name in _ICONS]


def page_paths() -> list[str]:
    """The address of each page, as the browser has it."""
    return ["/", *(f"/{name}" for name in _ICONS)]


def go_to(name: str) -> None:
    """Leave this page for another one."""
    st.switch_page(_page(name))


def _page(name: str) -> StreamlitPage:
    return st.Page(_loader(name), title=say(f"shell.{name}"), icon=_ICONS[name], url_path=name, default=name == "chat")


def _loader(name: str) -> Callable[[], None]:
    def show() -> None:
        import_module(f"ui.screens.{name}").show()

    return show
