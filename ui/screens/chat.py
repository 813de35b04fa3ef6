"""The chat: the dialogue, and beside it the source that was opened."""

from __future__ import annotations

import streamlit as st

from ui import kept, own, state, visitor
from ui.chat import asks_model, reply_to
from ui.components import clicks, newest
from ui.examples import ASKERS, examples
from ui.markup import ANCHOR
from ui.own_scope import show_scope_choice
from ui.reply import show_turn
from ui.sidebar import options
from ui.source import show_hint, show_source
from ui.words import say

SHOWN = 4
"""Turns drawn until earlier ones are asked for: every turn on the page makes the next answer slower to draw."""


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
    last = state.position() if waiting else len(state.turns()) - 1
    newest(key="newest", data={"selector": f".st-key-turn-{last}", "shown": f"{last} {state.asked()}"})
    first = 0 if state.shows_earlier() else max(last + 1 - SHOWN, 0)
    more = st.empty()
    if first:
        more.button(
            say("chat.earlier", n=first), key="earlier", icon=":material/history:", type="tertiary",
            on_click=state.show_earlier,
        )  # fmt: skip
    # Turns that are not shown keep their empty places: the browser would draw all others anew if these moved up.
    places = [_Place(position) for position in range(last + 1)]
    earlier = range(first, last if waiting else last + 1)
    # What is waited for comes first; but what a model writes takes longer than all the rest.
    if waiting and not asks_model():
        _answer(waiting, places[last])
        waiting = None
    for position in earlier:
        with places[position].turn:
            show_turn(position, state.turns()[position])
    if waiting:
        _answer(waiting, places[last])
    _tell_stopped()


class _Place:
    """Where a turn is drawn: its draft, and then the turn itself, in the same run of the page."""

    def __init__(self, position: int) -> None:
        with st.container(key=f"turn-{position}"):
            self.draft, self.turn = st.empty(), st.container()


def _answer(question: str, place: _Place) -> None:
    with place.draft.container():
        turn = reply_to(question, options())
    place.draft.empty()
    if state.position() < len(state.turns()):
        kept.cut(state.position())
    state.answered(turn)
    with place.turn:
        show_turn(len(state.turns()) - 1, turn)


def _tell_stopped() -> None:
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
        _tell_stopped()
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
