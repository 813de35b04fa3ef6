"""Who is here: a secret that the browser keeps in a cookie, so that a visitor finds again what was kept, and nobody else does."""

from __future__ import annotations

import re
import secrets

import streamlit as st

from ui.components import cookies
from ui.words import LANGUAGES

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_VISITOR, _LANGUAGE, _NOTICE = "aigc_law_visitor", "aigc_law_language", "aigc_law_notice"


def recognise() -> None:
    """Once a session: the visitor, the language and whether the notice was read, from the cookies."""
    if "visitor" in st.session_state:
        return
    sent = st.context.cookies
    known = sent.get(_VISITOR) or ""
    st.session_state.visitor = known if _SECRET.fullmatch(known) else secrets.token_urlsafe(32)
    wished = sent.get(_LANGUAGE)
    st.session_state.language = wished if wished in LANGUAGES else "zh"
    st.session_state.read_notice = sent.get(_NOTICE) == "1"


def remember() -> None:
    """Have the browser keep what ``recognise`` will look for."""
    read = "1" if st.session_state.read_notice else "0"
    cookies(key="cookies", data={_VISITOR: visitor(), _LANGUAGE: st.session_state.language, _NOTICE: read})


def visitor() -> str:
    """The secret by which this browser is known; what is stored is only its hash (``ui.keep``)."""
    known: str = st.session_state.visitor
    return known


def read_notice() -> None:
    st.session_state.read_notice = True
