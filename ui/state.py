"""What a visitor's session remembers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import streamlit as st

from rag import AigcLawError, Answer, Citation, Kind


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a question got no answer, in words for the reader."""

    what: str
    why: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: an answer (which may be a refusal) or a failure."""

    question: str
    answer: Answer | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to answer, from the sidebar; ``as_of`` None is today, or the day that the question names."""

    as_of: dt.date | None = None
    kinds: tuple[Kind, ...] = ()


UNEXPECTED = Failure(
    "这次没能完成。",
    "程序出了意外，详情已写入服务日志。",
    "可以换个说法再问一次；若仍不行，请在左侧“投诉与反馈”里告诉我们。",
)


def failure_of(error: AigcLawError) -> Failure:
    return Failure(error.what, error.why, error.next_step)


def turns() -> list[Turn]:
    """The dialogue so far, oldest first."""
    found: list[Turn] = st.session_state.setdefault("turns", [])
    return found


def history() -> list[tuple[str, str]]:
    """The dialogue as ``answer`` takes it; failures are no part of it."""
    return [(turn.question, turn.answer.answer) for turn in turns() if turn.answer]


def last_answer() -> Answer | None:
    return next((turn.answer for turn in reversed(turns()) if turn.answer), None)


def pending() -> str | None:
    """The question that waits for its answer; a click in between does not lose it."""
    question: str | None = st.session_state.get("pending")
    return question


def ask(question: str) -> None:
    st.session_state.pending = question
    st.session_state.opened = None


def answered(turn: Turn) -> None:
    turns().append(turn)
    st.session_state.pending = None


def start_over() -> None:
    st.session_state.turns = []
    st.session_state.pending = None
    st.session_state.opened = None


def open_citation(place: str) -> None:
    """Open citation ``TURN-N``; anything else is ignored."""
    turn, _, n = place.partition("-")
    if turn.isdecimal() and n.isdecimal():
        st.session_state.opened = (int(turn), int(n))


def close_citation() -> None:
    st.session_state.opened = None


def opened() -> tuple[int, Citation] | None:
    """The turn and the citation whose source is shown."""
    place: tuple[int, int] | None = st.session_state.get("opened")
    if place is None or place[0] >= len(turns()):
        return None
    answer = turns()[place[0]].answer
    found = next((c for c in answer.citations if c.n == place[1]), None) if answer else None
    return (place[0], found) if found else None
