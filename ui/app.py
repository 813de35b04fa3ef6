"""The page: ``python -m ui``, or ``streamlit run ui/app.py``."""

from __future__ import annotations

import sys
from pathlib import Path

# ``streamlit run`` puts this folder on the path, not the one that the packages lie in.
if (_ROOT := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, _ROOT)

import streamlit as st

from ui import state
from ui.chat import reply_to
from ui.components import clicks, newest
from ui.labels import NOTICE
from ui.markup import ANCHOR
from ui.reply import show_turn
from ui.sidebar import show_examples, show_sidebar
from ui.source import show_hint, show_source
from ui.style import CSS

TITLE = "AI 生成内容法律问答"


def main() -> None:
    st.set_page_config(page_title=TITLE, page_icon="⚖️", layout="wide")
    st.html(CSS)
    if cited := clicks(key="clicks", data={"anchor": ANCHOR}, on_cited_change=lambda: None).cited:
        state.open_citation(cited)
    options = show_sidebar()
    if question := st.chat_input("问一个关于 AI 生成内容著作权或侵权责任的问题", key="question"):
        state.ask(question)
    if not state.turns() and not state.pending():
        _show_welcome()
        return
    dialogue, source = st.columns([3, 2], gap="large")
    with source:
        if place := state.opened():
            show_source(*place)
        else:
            show_hint()
    with dialogue, st.container(key="dialogue"):
        _show_dialogue(options)


def _show_dialogue(options: state.Options) -> None:
    waiting = state.pending()
    last = len(state.turns()) if waiting else len(state.turns()) - 1
    newest(key="newest", data={"selector": f".st-key-turn-{last}", "shown": f"{last} {waiting}"})
    for position, turn in enumerate(state.turns()):
        with st.container(key=f"turn-{position}"):
            show_turn(position, turn)
    if waiting:
        with st.container(key=f"turn-{last}"):
            turn = reply_to(waiting, options)
        state.answered(turn)
        st.rerun()


def _show_welcome() -> None:
    with st.container(key="welcome"):
        st.title(TITLE)
        st.markdown(
            "问中国法上人工智能生成内容的著作权和侵权责任。每句话都带编号，点开编号就能看到它在法条、判决或论文里的原句；"
            "资料里没有的，会直接说没有。"
        )
        st.caption(NOTICE)
        st.markdown("**可以这样问**")
        show_examples("welcome")


main()
