"""Asking: the answer is written out sentence by sentence, then kept as a turn."""

from __future__ import annotations

import logging
import time

import streamlit as st

from rag import AigcLawError, Answer, load_settings, stream_answer
from ui import state
from ui.markup import draft_markdown, sentences
from ui.reply import show_question

SENTENCE_PAUSE = 0.04
"""Seconds between sentences, so that the eye can follow an answer that is there at once; a language model has a pace of its own."""

_log = logging.getLogger(__name__)


def reply_to(question: str, options: state.Options) -> state.Turn:
    """Answer on the page while it is being written; every failure becomes words for the reader."""
    show_question(question)
    with st.chat_message("assistant", avatar=":material/balance:"):
        try:
            return state.Turn(question, answer=_stream(question, options))
        except AigcLawError as error:
            return state.Turn(question, failure=state.failure_of(error))
        except Exception:  # the page is the last place that can turn a defect into a calm message
            _log.exception("question failed: %r", question)
            return state.Turn(question, failure=state.UNEXPECTED)


def _stream(question: str, options: state.Options) -> Answer:
    space, written = st.empty(), ""
    writes = bool(load_settings().model)
    space.caption("语言模型正在依据来源作答，逐句核对…" if writes else "正在查找依据…")
    for piece in stream_answer(question, history=state.history(), as_of=options.as_of, kinds=options.kinds or None):
        if isinstance(piece, Answer):
            return piece
        for sentence in sentences(piece):
            written += sentence
            space.markdown(draft_markdown(written))
            if not writes:
                time.sleep(SENTENCE_PAUSE)
    raise RuntimeError("stream_answer ended without an Answer")
