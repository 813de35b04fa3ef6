"""How the page looks and speaks, how answers are made, and what is kept of the visitor."""

from __future__ import annotations

import streamlit as st
from pydantic import SecretStr

from rag import AigcLawError, load_settings
from ui import kept
from ui.components import switch_theme
from ui.keep import Report, keep_file
from ui.markup import literal
from ui.model import ModelChoice, choose_model, chosen
from ui.screens import page_paths
from ui.told import error_told
from ui.topics import topic_name
from ui.visitor import visitor
from ui.words import LANGUAGES, say

_STRICTNESS = ("mark", "drop", "refuse")


def show() -> None:
    with st.container(key="settings"):
        st.title(say("settings.title"), anchor=False)
        _show_interface()
        try:
            _show_answers()
            _show_data()
        except AigcLawError as error:
            st.markdown(literal(str(error_told(error))))


def _show_interface() -> None:
    st.subheader(say("settings.interface"), anchor=False)
    languages = list(LANGUAGES)
    language = st.segmented_control(
        say("settings.language"), languages, format_func=LANGUAGES.__getitem__, default=st.session_state.language,
        required=True, key="language-choice",
    )  # fmt: skip
    if language and language != st.session_state.language:
        st.session_state.language = language
        st.rerun()
    themes = {name: say(f"settings.{name}") for name in ("system", "light", "dark")}
    theme = st.segmented_control(
        say("settings.theme"), list(themes), format_func=themes.__getitem__, key="theme-choice"
    )
    switch_theme(key="theme", data={"theme": theme, "paths": " ".join(page_paths())})
    st.caption(say("settings.theme_note"))


def _show_answers() -> None:
    st.subheader(say("settings.answers"), anchor=False)
    now = chosen()
    modes = {"extractive": say("settings.extractive"), "model": say("settings.model")}
    mode = st.radio(
        say("settings.answers"), list(modes), format_func=modes.__getitem__, index=1 if now.model else 0,
        captions=[say("settings.extractive_note"), say("settings.model_note")], label_visibility="collapsed", key="mode",
    )  # fmt: skip
    if mode == "extractive":
        if now.model:
            choose_model(ModelChoice(strictness=now.strictness))
        return
    with st.form("model"):
        _model_form(now)
    if now.model:
        st.caption(say("settings.applied", what=literal(now.model)))


def _model_form(now: ModelChoice) -> None:
    provider, _, name = now.model.partition(":")
    providers = {"openai": say("settings.compatible"), "ollama": say("settings.ollama")}
    chosen_provider = st.selectbox(
        say("settings.provider"), list(providers), format_func=providers.__getitem__, index=int(provider == "ollama")
    )
    url = st.text_input(say("settings.url"), value=now.url, placeholder="https://api.deepseek.com/v1").strip()
    model = st.text_input(say("settings.name"), value=name, placeholder="deepseek-chat").strip()
    key = st.text_input(
        say("settings.key"), type="password", autocomplete="off", placeholder="••••" if now.key else ""
    ).strip()
    strictness = st.selectbox(
        say("settings.strictness"), _STRICTNESS, format_func=lambda name: say(f"settings.{name}"),
        index=_STRICTNESS.index(now.strictness), help=say("settings.strictness_note"),
    )  # fmt: skip
    st.caption(say("settings.key_note"))
    if not st.form_submit_button(say("settings.apply"), type="primary"):
        return
    if not model or " " in model:
        st.caption(say("settings.need_name"))
    elif url and not url.startswith(("http://", "https://")):
        st.caption(say("settings.bad_url"))
    else:
        # A key belongs to the address that it was given for.
        kept_key = now.key if url == now.url and chosen_provider == provider else None
        choose_model(ModelChoice(f"{chosen_provider}:{model}", url, SecretStr(key) if key else kept_key, strictness))
        st.rerun()


def _show_data() -> None:
    st.subheader(say("settings.data"), anchor=False)
    st.caption(say("settings.where", file=f"`{keep_file(load_settings())}`"))
    if st.button(say("keep.delete_all"), icon=":material/delete:", key="delete-all"):
        st.toast(say("keep.deleted", n=kept.delete_all()))
    st.markdown(f"**{say('report.mine')}**")
    mine = kept.reports().of(visitor())
    if not mine:
        st.caption(say("report.none"))
    for report in mine:
        _show_report(report)


def _show_report(report: Report) -> None:
    what = topic_name(report.topic) if report.topic else {"up": "👍", "down": "👎"}.get(report.vote or "", "")
    state = say("report.handled", outcome=report.outcome) if report.handled else say("report.open")
    with st.container(key=f"report-{report.id}", horizontal=True):
        head = f"{report.at:%Y-%m-%d} · {say(f'report.{report.kind}')} · {what} · {literal(state)}"
        st.markdown(f"{head}  \n{literal(report.text)}")
        if st.button(
            "", icon=":material/delete:", key=f"withdraw-{report.id}", help=say("report.withdraw"), type="tertiary"
        ):
            kept.reports().withdraw(visitor(), report.id)
            st.rerun()
