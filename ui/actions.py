"""What can be done with a turn: rate it, have it answered again, take it along as a file, complain about it."""

from __future__ import annotations

import streamlit as st

from rag import AigcLawError, Answer, load_settings
from rag.bundle import AuditBundle
from rag.export import FILE_TYPES, Format, export, file_name
from rag.pipeline import open_assistant
from ui import kept, state
from ui.keep.reports import MAX_CONTACT, MAX_TEXT, TOPICS
from ui.state import Turn
from ui.told import error_told
from ui.topics import topic_name
from ui.visitor import visitor
from ui.words import say


def show_actions(position: int, turn: Turn) -> None:
    with st.container(key=f"actions-{position}", horizontal=True, gap="small"):
        if turn.answer and turn.scope == "corpus":  # a rating keeps the answer, which own documents must not outlive
            if _icon("good", position, "thumb_up"):
                _rate(turn.answer, "up", "")
            if _icon("bad", position, "thumb_down"):
                _dislike(position, turn)
        # Later turns rest on this one; whoever wants it otherwise rewrites it, which says what becomes of them.
        if position == len(state.turns()) - 1 and _icon("ask_again", position, "refresh"):
            state.ask(turn.question, replaces=position)
            st.rerun()
        if turn.answer and _icon("export", position, "download"):
            _export(position)
        if _icon("report", position, "flag"):
            _report(position, turn)


def _icon(name: str, position: int, icon: str) -> bool:
    words = say(f"chat.{name}")
    return st.button(words, icon=f":material/{icon}:", key=f"{name}-{position}", help=words, type="tertiary")


def _rate(answer: Answer, vote: str, reason: str) -> bool:
    try:
        kept.reports().vote(visitor(), "up" if vote == "up" else "down", reason=reason, answer=answer)
    except AigcLawError as error:
        st.toast(str(error_told(error)))
        return False
    st.toast(say("chat.thanks"))
    return True


def _dislike(position: int, turn: Turn) -> None:
    @st.dialog(say("report.why_bad"))
    def ask_why() -> None:
        reason = st.text_area(say("report.reason"), max_chars=MAX_TEXT, key=f"reason-{position}")
        sent = st.button(say("report.send"), key="send-reason", type="primary")
        if sent and turn.answer and _rate(turn.answer, "down", reason):
            st.rerun()

    ask_why()


def _export(position: int) -> None:
    @st.dialog(say("chat.export"))
    def choose() -> None:
        whole = len(state.answers()) > 1 and st.segmented_control(
            say("keep.what"),
            ["answer", "conversation"],
            format_func=lambda what: say(f"keep.export_{what}"),
            default="answer",
            required=True,
            key="export-what",
        )
        chosen = state.turns()[position]
        answers = state.answers() if whole == "conversation" else [chosen.answer] if chosen.answer else []
        for form in FILE_TYPES:
            _download(answers, form)
        st.caption(say("keep.export_note"))

    choose()


def _download(answers: list[Answer], form: Format) -> None:
    """A button that makes its file when it is pressed."""
    kind, title = FILE_TYPES[form], answers[0].question

    def made() -> bytes:
        return export(answers, form, title=title, provider=load_settings().provider)

    words = say("keep.download", form=kind.name)
    st.download_button(
        words, made, file_name(title, form), kind.mime, key=f"download-{form}", on_click="ignore", width="stretch"
    )


def _report(position: int, turn: Turn) -> None:
    @st.dialog(say("report.title"))
    def tell() -> None:
        if sent := st.session_state.get(f"sent-{position}"):
            st.markdown(say("report.sent", id=f"`{sent}`"))
            return
        kind = st.segmented_control(
            say("report.kind"),
            ["complaint", "correction"],
            format_func=lambda what: say(f"report.{what}"),
            default="complaint",
            required=True,
        )
        topic = st.selectbox(say("report.topic"), TOPICS, format_func=topic_name)
        text = st.text_area(say("report.text"), max_chars=MAX_TEXT, placeholder=say("report.text_hint"))
        contact = st.text_input(say("report.contact"), max_chars=MAX_CONTACT)
        attach = turn.answer is not None and turn.scope == "corpus" and st.checkbox(say("report.attach"), value=True)
        st.caption(say("report.where"))
        if not st.button(say("report.send"), key="send-report", type="primary"):
            return
        answer = turn.answer if attach else None
        try:
            st.session_state[f"sent-{position}"] = kept.reports().complain(
                visitor(), text, topic=topic, kind="correction" if kind == "correction" else "complaint",
                contact=contact, answer=answer, bundle=_bundle(turn, position) if attach else None,
            )  # fmt: skip
        except AigcLawError as error:
            st.caption(str(error_told(error)))
            return
        st.rerun(scope="fragment")

    st.session_state.pop(f"sent-{position}", None)
    tell()


def _bundle(turn: Turn, position: int) -> AuditBundle | None:
    """How an answer came about: asked for again with what it was asked with, and None where that gives another answer.

    Nor is there one of a model's answer, which would be written anew, or where own documents were asked before: their quotes would be kept.
    """
    earlier, answer = state.turns()[:position], turn.answer
    if answer is None or answer.model is not None or any(other.scope != "corpus" for other in (*earlier, turn)):
        return None
    before = [(other.question, other.answer.answer) for other in earlier if other.answer]
    extractive = open_assistant().with_settings(load_settings().model_copy(update={"model": "", "model_key": None}))
    try:
        made = extractive.audit_bundle(answer.question, history=before, as_of=answer.as_of, kinds=turn.kinds or None)
    except AigcLawError:  # the index has changed since: the report is worth keeping without it
        return None
    return made if made.answer.answer == answer.answer else None
