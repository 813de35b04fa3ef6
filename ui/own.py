"""The visitor's own documents: one private collection a session, and whom a question is put to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Literal

import streamlit as st

from ingest.build import Progress
from ingest.own import OwnDocuments, Report
from ingest.upload import Understood, Upload
from rag import Answer, Kind, Settings, load_settings
from rag.api import written_out
from rag.pipeline import open_assistant

Scope = Literal["corpus", "both", "own"]
SCOPES: tuple[Scope, ...] = ("corpus", "both", "own")


def collection() -> OwnDocuments:
    """This session's collection, made when first asked for; it goes with the session.

    Raises:
        AigcLawError: settings that cannot be used.
    """
    found: OwnDocuments | None = st.session_state.get("own_documents")
    if found is None:
        found = st.session_state["own_documents"] = OwnDocuments(load_settings())
    return found


def documents() -> tuple[Understood, ...]:
    """What the session's collection holds, oldest first; makes no collection."""
    found: OwnDocuments | None = st.session_state.get("own_documents")
    return found.documents if found else ()


def add(uploads: Sequence[Upload], progress: Progress) -> Report:
    """Take in files. With the first ones, questions go to them too, until something else is chosen.

    Raises:
        AigcLawError: settings that cannot be used, or an index that cannot be built.
    """
    was_empty = not documents()
    report = collection().add(uploads, progress=progress)
    if was_empty and documents():
        choose_scope(
            "own" if load_settings().chroma_url else "both"
        )  # a corpus on a server cannot be copied to join them
    return report


def remove(identifier: str) -> None:
    """Delete one document for good; with the last one, questions go to the corpus again."""
    collection().remove(identifier)
    if not documents():
        choose_scope("corpus")


def clear() -> None:
    """Delete all documents for good."""
    collection().clear()
    choose_scope("corpus")


def choose_scope(chosen: Scope) -> None:
    st.session_state["own_scope"] = chosen


def scope() -> Scope:
    """What questions are put to, as chosen; the corpus alone while there are no documents."""
    chosen: Scope = st.session_state.get("own_scope", "corpus")
    return chosen if documents() else "corpus"


def stream(
    question: str,
    *,
    history: Sequence[tuple[str, str]] = (),
    as_of: dt.date | None = None,
    kinds: Sequence[Kind] | None = None,
    settings: Settings | None = None,
) -> Iterator[str | Answer]:
    """``rag.stream_answer`` over the corpus, these documents, or both, as the visitor chose.

    ``kinds`` choose among sources of the corpus; the visitor's own documents are always among what is asked where they are chosen.
    ``settings`` are the session's: they join an index that is open already, and nothing keeps them (a key is among them) afterwards.
    """
    chosen = scope()
    assistant = open_assistant() if chosen == "corpus" else collection().assistant(chosen)
    if settings:
        assistant = assistant.with_settings(settings)
    asked: Sequence[Kind] | None = kinds
    if chosen != "corpus":
        asked = [*kinds, Kind.OWN] if kinds and chosen == "both" else None
    yield from written_out(assistant.stream(question, history=history, as_of=as_of, kinds=asked))
