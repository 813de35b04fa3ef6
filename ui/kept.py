"""The session's side of ``ui.keep``: the dialogue is kept as it goes; where it cannot be, the visitor is told once and goes on."""

from __future__ import annotations

import streamlit as st

from rag import AigcLawError, load_settings
from ui import state
from ui.keep import Conversations, Reports, keep_file, open_database
from ui.state import Turn
from ui.told import error_told
from ui.visitor import visitor


def conversations() -> Conversations:
    """Raises KeepUnavailable."""
    return Conversations(open_database(keep_file(load_settings())), visitor())


def reports() -> Reports:
    """Raises KeepUnavailable."""
    return Reports(open_database(keep_file(load_settings())))


def keep_up() -> None:
    """Keep what was answered since: once it is drawn, or in the next run where that one was broken off."""
    waiting = state.unkept()
    while waiting:
        turn = waiting[0]
        if turn.answer is None or not _is_kept(turn):
            del waiting[0]
            continue
        why_not = _keep(turn)
        del waiting[0]  # before anything that a broken-off run could stop at, or the turn would be kept twice
        st.session_state.not_kept = why_not


def _keep(turn: Turn) -> str | None:
    """Why it could not be kept; None where it is. A conversation that was deleted elsewhere goes on as a new one."""
    assert turn.answer is not None
    stored = _stored()
    try:
        kept = conversations()
        identifier = st.session_state.get("conversation")
        if identifier is None or not kept.has(identifier):
            stored.clear()
            st.session_state.conversation = identifier = kept.create(turn.question)
        kept.append(identifier, turn.answer)
        stored.append(turn)
    except AigcLawError as error:
        return str(error_told(error))
    return None


def _stored() -> list[Turn]:
    """Turns of the dialogue that are in its conversation, in the order in which they are there."""
    found: list[Turn] = st.session_state.setdefault("stored", [])
    return found


def _is_kept(turn: Turn) -> bool:
    """What quotes a visitor's own documents is not kept, or it would outlive them."""
    return bool(turn.answer or turn.text) and turn.scope == "corpus"


def cut(position: int) -> None:
    """Forget the turns of the dialogue from a position on, kept ones too."""
    keep_up()
    stays = state.turns()[:position]
    before = [turn for turn in _stored() if any(turn is other for other in stays)]
    state.cut(position)
    st.session_state.stored = before
    if identifier := st.session_state.get("conversation"):
        try:
            if before:
                conversations().cut(identifier, len(before))
            else:  # its title was the first question
                conversations().delete(identifier)
                st.session_state.conversation = None
        except AigcLawError as error:
            st.session_state.not_kept = str(error_told(error))


def reopen(identifier: str) -> None:
    """Go on with a conversation that was kept."""
    try:
        found = [Turn(t.question, answer=t.answer, text=t.text) for t in conversations().turns(identifier)]
    except AigcLawError as error:
        st.session_state.not_kept = str(error_told(error))
        return
    state.begin(found, identifier)


def delete(identifier: str) -> None:
    conversations().delete(identifier)
    if st.session_state.get("conversation") == identifier:
        state.begin([])


def delete_all() -> int:
    count = conversations().delete_all()
    state.begin([])
    return count
