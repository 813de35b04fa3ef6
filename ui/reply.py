"""One turn of the dialogue on the page: the question, then the answer with its citations, a refusal, or a failure."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from rag import Answer, Citation, SearchHit
from ui import state
from ui.actions import show_actions
from ui.labels import badges, listed, refusal_name, support_badge
from ui.markup import answer_markdown, chip, literal, quote_markdown
from ui.state import Failure, Place, Turn
from ui.told import message_of
from ui.words import say


def show_turn(position: int, turn: Turn) -> None:
    if state.edited() == position:
        _show_editor(position, turn)
    else:
        show_question(turn.question, position)
    with st.chat_message("assistant", avatar=":material/balance:"):
        if turn.scope != "corpus":
            st.caption(say(f"chat.asked_of_{turn.scope}"))
        if turn.failure:
            _show_failure(position, turn.failure)
        elif turn.answer and turn.answer.refused:
            _show_refusal(position, turn.answer, turn.nearest)
        elif turn.answer:
            _show_answer(position, turn.answer)
        else:
            st.caption(say("chat.earlier_version"))
            st.markdown(literal(turn.text))
        show_actions(position, turn)


def show_question(question: str, position: int | None = None) -> None:
    """The question as it was typed; ``position``: the turn, where it can be rewritten."""
    with st.chat_message("user", avatar=":material/person:"), st.container(horizontal=True, gap="small"):
        st.markdown("  \n".join(literal(line) for line in question.splitlines()))
        if position is not None:
            st.button(
                "", icon=":material/edit:", key=f"edit-{position}", help=say("chat.edit"), type="tertiary",
                on_click=state.edit, args=(position,),
            )  # fmt: skip


def _show_editor(position: int, turn: Turn) -> None:
    with st.chat_message("user", avatar=":material/person:"), st.container(key=f"editor-{position}"):
        text = st.text_area(
            say("chat.edit"), value=turn.question, key=f"rewrite-{position}", label_visibility="collapsed"
        )
        with st.container(horizontal=True):
            if st.button(say("chat.send"), key=f"send-{position}", type="primary") and text.strip():
                state.ask(text.strip(), replaces=position)
                st.rerun()
            st.button(say("chat.cancel"), key=f"cancel-{position}", on_click=state.edit, args=(None,))
        st.caption(say("chat.edit_note"))


def _show_answer(position: int, answer: Answer) -> None:
    markdown, lost = answer_markdown(answer, position)
    with st.container(key=f"answer-{position}"):
        st.markdown(markdown)
    for claim in lost:
        st.markdown(f"{support_badge(claim.support)} {literal(claim.text)}")
    _show_warnings(position, answer)
    st.caption(_checked(answer))
    if answer.citations:
        with st.expander(say("chat.grounds", n=len(answer.citations)), expanded=True):
            for citation in answer.citations:
                _show_citation(position, citation)


def _checked(answer: Answer) -> str:
    counts = Counter(claim.support for claim in answer.claims)
    marked = sum(counts.values()) - counts["supported"]
    words = say("chat.some_marked", n=len(answer.claims), marked=marked) if marked else ""
    return f"{say('chat.ai_label')} · {words or say('chat.all_checked', n=len(answer.claims))}"


def _show_citation(position: int, citation: Citation) -> None:
    with st.container(key=f"citation-{position}-{citation.n}", gap=None):
        st.markdown(f"{chip(position, citation.n, citation.label)} {literal(citation.label)}  \n{badges(citation)}")
        with st.container(key=f"quote-{position}-{citation.n}"):
            st.markdown(quote_markdown(citation.quote))


def _show_warnings(position: int, answer: Answer) -> None:
    """The warnings that the answer's own text does not carry already."""
    messages = [message_of(warning) for warning in answer.warnings if warning.message not in answer.answer]
    if messages:
        with st.container(key=f"warning-{position}"):
            st.markdown("\n\n".join(say("chat.hint", what=literal(message)) for message in messages))


def _show_refusal(position: int, answer: Answer, nearest: tuple[SearchHit, ...]) -> None:
    st.caption(say("chat.searched_as_of", day=answer.as_of))
    with st.container(key=f"refusal-{position}"):
        refusal = answer.refusal
        st.markdown(f"**{refusal_name(refusal.reason) if refusal else say('chat.no_answer')}**")
        st.markdown(literal(message_of(refusal) if refusal else answer.answer))
        if refusal and refusal.missing:
            st.caption(say("chat.missing", what=literal(listed(refusal.missing))))
    if nearest:
        st.caption(say("chat.nearest"))
        for hit in nearest:
            st.button(
                literal(_name(hit)), key=f"nearest-{position}-{hit.rank}", icon=":material/article:", type="tertiary",
                on_click=state.open_place, args=(Place(hit.document_id, hit.start, hit.end, hit.text),),
            )  # fmt: skip


def _name(hit: SearchHit) -> str:
    return " · ".join(part for part in (hit.title, hit.number, hit.article or hit.section) if part)


def _show_failure(position: int, failure: Failure) -> None:
    with st.container(key=f"failure-{position}"):
        st.markdown(f"**{literal(failure.what)}**")
        if failure.why:
            st.markdown(say("chat.why", what=literal(failure.why)))
        if failure.next_step:
            st.markdown(say("chat.next", what=literal(failure.next_step)))
