"""One turn of the dialogue on the page: the question, then the answer with its citations, a refusal, or a failure."""

from __future__ import annotations

import streamlit as st

from rag import Answer, Citation
from ui.labels import REFUSALS, SUPPORT, badges
from ui.markup import answer_markdown, chip, literal, quote_markdown
from ui.state import Failure, Turn


def show_turn(position: int, turn: Turn) -> None:
    show_question(turn.question)
    with st.chat_message("assistant", avatar=":material/balance:"):
        if turn.failure:
            _show_failure(position, turn.failure)
        elif turn.answer and turn.answer.refused:
            _show_refusal(position, turn.answer)
        elif turn.answer:
            _show_answer(position, turn.answer)


def show_question(question: str) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.markdown("  \n".join(literal(line) for line in question.splitlines()))


def _show_answer(position: int, answer: Answer) -> None:
    st.caption(f"按 {answer.as_of} 施行的法律回答")
    markdown, lost = answer_markdown(answer, position)
    st.markdown(markdown)
    for claim in lost:
        st.markdown(f"{SUPPORT[claim.support]} {literal(claim.text)}")
    _show_warnings(position, answer)
    if answer.citations:
        with st.expander(f"依据（{len(answer.citations)} 处）", expanded=True):
            for citation in answer.citations:
                _show_citation(position, citation)


def _show_citation(position: int, citation: Citation) -> None:
    with st.container(key=f"citation-{position}-{citation.n}", gap=None):
        st.markdown(f"{chip(position, citation.n, citation.label)} {literal(citation.label)}  \n{badges(citation)}")
        with st.container(key=f"quote-{position}-{citation.n}"):
            st.markdown(quote_markdown(citation.quote))


def _show_warnings(position: int, answer: Answer) -> None:
    """The warnings that the answer's own text does not carry already."""
    messages = [warning.message for warning in answer.warnings if warning.message not in answer.answer]
    if messages:
        with st.container(key=f"warning-{position}"):
            st.markdown("\n\n".join(f"提示：{literal(message)}" for message in messages))


def _show_refusal(position: int, answer: Answer) -> None:
    st.caption(f"按 {answer.as_of} 施行的法律查找")
    with st.container(key=f"refusal-{position}"):
        refusal = answer.refusal
        st.markdown(f"**{REFUSALS[refusal.reason] if refusal else '没有回答'}**")
        st.markdown(literal(refusal.message if refusal else answer.answer))
        if refusal and refusal.missing:
            st.caption(f"缺少：{literal('、'.join(refusal.missing))}")


def _show_failure(position: int, failure: Failure) -> None:
    with st.container(key=f"failure-{position}"):
        st.markdown(f"**{literal(failure.what)}**")
        if failure.why:
            st.markdown(f"原因：{literal(failure.why)}")
        if failure.next_step:
            st.markdown(f"可以这样做：{literal(failure.next_step)}")
