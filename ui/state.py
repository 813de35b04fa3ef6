"""What a visitor's session remembers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import streamlit as st

from rag import AigcLawError, Answer, Citation, Kind, SearchHit
from ui.told import error_told


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a question got no answer, in words for the reader."""

    what: str
    why: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: an answer (which may be a refusal, then with the nearest passages) or a failure.

    ``text`` stands in for an answer that an other version of this program kept. ``scope`` (``ui.own``) and ``kinds``
    are what was asked.
    """

    question: str
    answer: Answer | None = None
    failure: Failure | None = None
    nearest: tuple[SearchHit, ...] = ()
    text: str = ""
    scope: str = "corpus"
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """How to answer, from the sidebar; ``as_of`` None is today, or the day that the question names."""

    as_of: dt.date | None = None
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """What the source view shows: a document at a span, which is highlighted; ``own``: one of the visitor's own documents."""

    document_id: str
    start: int = 0
    end: int = 0
    quote: str = ""
    citation: Citation | None = None
    own: bool = False


def failure_of(error: AigcLawError) -> Failure:
    told = error_told(error)
    return Failure(told.what, told.why, told.next_step)


def turns() -> list[Turn]:
    """The dialogue so far, oldest first."""
    found: list[Turn] = st.session_state.setdefault("turns", [])
    return found


def history() -> list[tuple[str, str]]:
    """The dialogue as ``answer`` takes it; failures are no part of it."""
    return [(turn.question, turn.answer.answer) for turn in turns()[: position()] if turn.answer]


def answers() -> list[Answer]:
    return [turn.answer for turn in turns() if turn.answer]


def pending() -> str | None:
    """The question that waits for its answer; a click in between does not lose it."""
    question: str | None = st.session_state.get("pending")
    return question


def ask(question: str, replaces: int | None = None) -> None:
    """``replaces``: the position from which turns give way to this one, once it is answered."""
    st.session_state.pending = question
    st.session_state.replaces = replaces
    st.session_state.asked = asked() + 1
    st.session_state.edited = None
    close_place()


def position() -> int:
    """Where the turn that is asked for, or would be, has its place."""
    replaced: int | None = st.session_state.get("replaces")
    return len(turns()) if replaced is None else min(replaced, len(turns()))


def asked() -> int:
    """How often something was asked in this session; asking again counts."""
    count: int = st.session_state.get("asked", 0)
    return count


def show_earlier() -> None:
    st.session_state.shows_earlier = True


def shows_earlier() -> bool:
    """Whether the whole dialogue is drawn, and not only its last turns."""
    return bool(st.session_state.get("shows_earlier"))


def answered(turn: Turn) -> None:
    found, waiting = turns(), unkept()
    found.append(turn)
    waiting.append(turn)
    st.session_state.pending = st.session_state.replaces = None


def unkept() -> list[Turn]:
    """Turns that are not kept yet (``ui.kept``), oldest first."""
    found: list[Turn] = st.session_state.setdefault("unkept", [])
    return found


def stop() -> None:
    """Give up the question that is being answered; turns that it would have replaced stay."""
    st.session_state.pending = st.session_state.replaces = None
    st.session_state.was_stopped = True


def cut(position: int) -> None:
    """Forget the turns from a position on."""
    del turns()[position:]
    close_place()


def edit(position: int | None) -> None:
    st.session_state.edited = position


def edited() -> int | None:
    """The turn whose question is being rewritten."""
    position: int | None = st.session_state.get("edited")
    return position


def begin(found: list[Turn], conversation: str | None = None) -> None:
    """Another dialogue: a new one, or one that was kept."""
    st.session_state.turns = found
    st.session_state.shows_earlier = False
    st.session_state.conversation = conversation
    st.session_state.stored = list(found)
    st.session_state.pending = st.session_state.replaces = None
    st.session_state.edited = None
    close_place()


def open_place(place: Place) -> None:
    st.session_state.place = place


def close_place() -> None:
    st.session_state.place = None


def opened() -> Place | None:
    place: Place | None = st.session_state.get("place")
    return place


def open_citation(link: str) -> None:
    """Open citation ``TURN-N`` of the dialogue; anything else is ignored."""
    turn, _, n = link.partition("-")
    if not (turn.isdecimal() and n.isdecimal() and int(turn) < len(turns())):
        return
    answer = turns()[int(turn)].answer
    found = next((c for c in answer.citations if c.n == int(n)), None) if answer else None
    if found:
        own = found.kind is Kind.OWN
        open_place(Place(found.document_id, found.start, found.end, found.quote, found, own=own))
