"""The failed questions on the evaluation page: filtered, each with what was expected, what was missed, and a way to ask it."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from evals.questions import Question, read_questions
from evals.results_file import EvalResults, QuestionResult
from rag import AigcLawError
from rag.pipeline import open_assistant
from ui import screens, state
from ui.evaluation import named
from ui.failures import Filter, failing, gold_label, kinds_of, reason, told
from ui.markup import literal
from ui.words import say

_STEP = 15
"""Questions that are shown at once."""


def show_failed(results: EvalResults) -> None:
    st.header(say("evaluation.failing"))
    failed = failing(results.questions, Filter())
    found = failing(results.questions, _wanted(failed))
    st.markdown(say("evaluation.failing_reading", total=results.n, failed=len(failed), shown=len(found)))
    if not found:
        st.caption(say("evaluation.none_left"))
        return
    asked, titles = _asked(), _titles()
    limit = st.session_state.get("failing-limit", _STEP)
    for result in found[:limit]:
        _show_question(result, asked.get(result.id), titles)
    if len(found) > limit and st.button(say("evaluation.more", n=min(_STEP, len(found) - limit)), key="failing-more"):
        st.session_state["failing-limit"] = limit + _STEP
        st.rerun()


def _wanted(failed: list[QuestionResult]) -> Filter:
    kinds = {kind for question in failed for kind in kinds_of(question)}
    with st.container(key="failing-filter"):
        columns = st.columns(3)
        with columns[0]:
            category = _choose("category", say("evaluation.category"), {q.category for q in failed}, "c")
        with columns[1]:
            split = _choose("split", say("evaluation.split"), {q.split for q in failed}, "split")
        with columns[2]:
            measure = _choose("missed", say("evaluation.missed_what"), kinds, "m")
    return Filter(category, split, measure)


def _choose(key: str, label: str, options: set[str], prefix: str) -> str:
    chosen: str = st.selectbox(
        label,
        ["", *sorted(options)],
        format_func=lambda option: named(prefix, option) if option else say("evaluation.all"),
        key=f"failing-{key}",
    )
    return chosen


def _show_question(result: QuestionResult, question: Question | None, titles: dict[str, str]) -> None:
    words = literal(question.question if question else result.id)
    with st.container(key=f"failed-{result.id}"), st.expander(words):
        about = (named("c", result.category), named("split", result.split), result.id)
        st.caption(" · ".join(map(literal, about)))
        st.markdown(_listed("missed", told(result)))
        if question is None:
            st.caption(say("evaluation.not_in_file"))
            return
        _show_expected(question, titles)
        _offer(question)


def _show_expected(question: Question, titles: dict[str, str]) -> None:
    either = say("evaluation.or")
    if question.refusal:
        st.markdown(literal(say("evaluation.expected_refusal", reason=reason(question.refusal))))
    for key, texts in (
        ("expected", [either.join(gold_label(place, titles) for place in places) for places in question.gold]),
        ("facts", [either.join(spellings) for spellings in question.facts]),
        ("forbidden", list(question.forbidden)),
        ("history", [text for turn in question.history for text in turn]),
    ):
        if texts:
            st.markdown(_listed(key, texts))


def _listed(key: str, texts: list[str]) -> str:
    return f"**{say(f'evaluation.{key}')}**\n\n" + "\n".join(f"- {literal(text)}" for text in texts)


def _offer(question: Question) -> None:
    if question.history or question.as_of:
        dated = say("evaluation.as_of", day=question.as_of) if question.as_of else ""
        st.caption(f"{say('evaluation.ask_alone')}{dated}")
    label, hint = say("evaluation.ask"), say("evaluation.ask_help")
    if st.button(label, key=f"ask-{question.id}", icon=":material/chat:", help=hint):
        state.begin([])
        state.ask(question.question)
        screens.go_to("chat")


@lru_cache(maxsize=1)
def _asked() -> dict[str, Question]:
    try:
        return {question.id: question for question in read_questions()}
    except AigcLawError:
        return {}


def _titles() -> dict[str, str]:
    """What the documents are called; empty without an index."""
    try:
        return {document.id: document.name for document in open_assistant().scope_card().contents}
    except AigcLawError:
        return {}
