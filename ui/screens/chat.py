"""The chat: the dialogue, and beside it the source that was opened."""

from __future__ import annotations

import streamlit as st

from ui import kept, own, state, visitor
from ui.chat import reply_to
from ui.components import clicks, newest
from ui.examples import ASKERS, examples
from ui.markup import ANCHOR
from ui.own_scope import show_scope_choice
from ui.reply import show_turn
from ui.sidebar import options
from ui.source import show_hint, show_source
from ui.words import say


def show() -> None:
    if cited := clicks(key="clicks", data={"anchor": ANCHOR}, on_cited_change=lambda: None).cited:
        state.open_citation(cited)
    if own.documents():
        with st.bottom, st.container(key="own-scope-here", horizontal=True, vertical_alignment="center", gap="small"):
            show_scope_choice(compact=True)
    if question := st.chat_input(say("chat.placeholder"), key="question"):
        state.ask(question)
    if not state.turns() and not state.pending():
        _show_welcome()
        return
    dialogue, source = st.columns([3, 2], gap="large")
    with source:
        if place := state.opened():
            show_source(place)
        else:
            show_hint()
    with dialogue, st.container(key="dialogue"):
        _show_dialogue()


def _show_dialogue() -> None:
    waiting = state.pending()
    last = len(state.turns()) if waiting else len(state.turns()) - 1
    newest(key="newest", data={"selector": f".st-key-turn-{last}", "shown": f"{last} {waiting}"})
    for position, turn in enumerate(state.turns()):
        with st.container(key=f"turn-{position}"):
            show_turn(position, turn)
    if waiting:
        with st.container(key=f"turn-{last}"):
            turn = reply_to(waiting, options())
        state.answered(turn)
        kept.keep(turn)
        st.rerun()
    if st.session_state.pop("was_stopped", False):
        st.caption(say("chat.stopped"))


def _show_welcome() -> None:
    newest(key="newest", data={"selector": ".st-key-welcome", "shown": "welcome"})
    with st.container(key="welcome"):
        st.title(say("shell.title"), anchor=False)
        st.markdown(say("chat.intro"))
        if not st.session_state.read_notice:
            with st.container(key="notice"):
                st.markdown(f"**{say('chat.first_use')}**\n\n{say('chat.first_use_text')}")
                st.button(say("chat.understood"), key="understood", on_click=visitor.read_notice)
        else:
            st.caption(say("shell.notice"))
        st.markdown(f"**{say('chat.try')}**")
        who = st.segmented_control(
            say("chat.who"),
            ASKERS,
            format_func=lambda key: say(f"chat.{key}"),
            default=ASKERS[0],
            key="who",
            required=True,
        )
        for position, question in enumerate(examples(who or ASKERS[0])):
            st.button(question, key=f"example-{who}-{position}", on_click=state.ask, args=(question,), width="stretch")
