"""Asking: what a language model writes is shown sentence by sentence; extracts are there at once, and whole."""

from __future__ import annotations

import logging

import streamlit as st

from rag import AigcLawError, Answer, SearchHit, Settings, search
from ui import own, state
from ui.markup import draft_markdown, sentences
from ui.model import session_settings
from ui.reply import show_question
from ui.words import say

NEAREST = 3
"""Passages shown with a refusal."""
_HELPED = ("out_of_scope", "not_in_corpus", "version_not_in_corpus", "false_premise")

_log = logging.getLogger(__name__)


def asks_model() -> bool:
    """Whether a language model writes the answers of this session."""
    try:
        return bool(session_settings().model)
    except AigcLawError:  # told with the answer
        return False


def reply_to(question: str, options: state.Options) -> state.Turn:
    """Answer on the page while it is being written; every failure becomes words for the reader."""
    show_question(question)
    scope = own.scope()
    with st.chat_message("assistant", avatar=":material/balance:"):
        try:
            settings = session_settings()
            answer = _stream(question, options, settings)
            nearest = _nearest(answer, options, scope)
            return state.Turn(question, answer=answer, nearest=nearest, scope=scope, kinds=options.kinds)
        except AigcLawError as error:
            return state.Turn(question, failure=state.failure_of(error), scope=scope)
        except Exception:  # the page is the last place that can turn a defect into a calm message
            _log.exception("question failed: %r", question)
            words = (say("chat.unexpected"), say("chat.unexpected_why"), say("chat.unexpected_next"))
            return state.Turn(question, failure=state.Failure(*words), scope=scope)


def _stream(question: str, options: state.Options, settings: Settings) -> Answer:
    space, written = st.empty(), ""
    writes = bool(settings.model)
    space.caption(say("chat.writing" if writes else "chat.searching"))
    if writes:
        st.button(say("chat.stop"), key="stop", icon=":material/stop_circle:", on_click=state.stop)
    pieces = own.stream(
        question, history=state.history(), as_of=options.as_of, kinds=options.kinds or None, settings=settings
    )
    for piece in pieces:
        if isinstance(piece, Answer):
            return piece
        for sentence in sentences(piece) if writes else ():
            written += sentence
            space.markdown(draft_markdown(written))
    raise RuntimeError("stream ended without an Answer")


def _nearest(answer: Answer, options: state.Options, scope: str) -> tuple[SearchHit, ...]:
    """What came closest to a question that was refused; own documents are not searched for it."""
    if not answer.refusal or answer.refusal.reason not in _HELPED or scope == "own":
        return ()
    return search(answer.question, k=NEAREST, as_of=answer.as_of, kinds=options.kinds or None)
