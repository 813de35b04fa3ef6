"""The Python door: ``answer``, ``explain``, ``audit_bundle``, ``answer_async``, ``stream_answer``, ``search``, ``document``, ``documents``, ``links``,
``disputed_issues``, ``stances``, ``scope_card``."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from rag.bundle import AuditBundle
from rag.card import ScopeCard
from rag.issues import Issue, issues
from rag.pipeline import open_assistant
from rag.relations import Links
from rag.settings import Settings
from rag.stances import Stance
from rag.trace import Trace
from rag.types import Answer, Document, DocumentMeta, Kind, SearchHit
from rag.understand import History


def answer(
    question: str,
    *,
    history: History = (),
    as_of: dt.date | None = None,
    kinds: Sequence[Kind] | None = None,
    settings: Settings | None = None,
) -> Answer:
    """Answer a question from the index, with citations, or refuse with a reason.

    Args:
        question: Chinese or English, up to ``settings.max_question`` characters.
        history: earlier turns of the dialogue, oldest first, as (user, assistant).
        as_of: the day whose law is asked about; today, or the day the question names, when None.
        kinds: only sources of these kinds.
        settings: read from ``AIGC_LAW_…`` and ``.env`` when None.

    Raises:
        InvalidQuestion: the question is empty, too long or without words.
        IndexUnavailable: there is no usable index; the message has the command that builds it.
    """
    return open_assistant(settings).answer(question, history=history, as_of=as_of, kinds=kinds)


def explain(
    question: str,
    *,
    history: History = (),
    as_of: dt.date | None = None,
    kinds: Sequence[Kind] | None = None,
    settings: Settings | None = None,
) -> tuple[Answer, Trace]:
    """``answer``, and how it came about: what was understood, found, chosen and left out. Raises what ``answer`` raises."""
    return open_assistant(settings).explain(question, history=history, as_of=as_of, kinds=kinds)


def audit_bundle(
    question: str,
    *,
    history: History = (),
    as_of: dt.date | None = None,
    kinds: Sequence[Kind] | None = None,
    settings: Settings | None = None,
) -> AuditBundle:
    """``explain`` with what was asked and the digests of what is cited, to be written down (``rag.bundle``) and checked again later.

    Raises what ``answer`` raises.
    """
    return open_assistant(settings).audit_bundle(question, history=history, as_of=as_of, kinds=kinds)


async def answer_async(
    question: str,
    *,
    history: History = (),
    as_of: dt.date | None = None,
    kinds: Sequence[Kind] | None = None,
    settings: Settings | None = None,
) -> Answer:
    """``answer`` without blocking the event loop."""
    return await asyncio.to_thread(answer, question, history=history, as_of=as_of, kinds=kinds, settings=settings)


def stream_answer(
    question: str,
    *,
    history: History = (),
    as_of: dt.date | None = None,
    kinds: Sequence[Kind] | None = None,
    settings: Settings | None = None,
) -> Iterator[str | Answer]:
    """The Markdown of the answer piece by piece, then the whole ``Answer`` as the last item.

    Without a language model the pieces are paragraphs and make up the answer's text. With one they are its sentences as it writes them, each
    checked and marked; the ``Answer`` alone counts, and where it differs from what was streamed a piece says so and its text follows.
    """
    yield from written_out(open_assistant(settings).stream(question, history=history, as_of=as_of, kinds=kinds))


def written_out(pieces: Iterable[str | Answer]) -> Iterator[str | Answer]:
    """What ``Assistant.stream`` gives, an answer that comes in one piece paragraph by paragraph."""
    written = False
    for piece in pieces:
        if isinstance(piece, str):
            written = True
            yield piece
            continue
        paragraphs = [] if written else piece.answer.split("\n\n")
        for position, paragraph in enumerate(paragraphs, 1):
            yield paragraph if position == len(paragraphs) else paragraph + "\n\n"
        yield piece


def search(
    question: str,
    *,
    k: int = 10,
    as_of: dt.date | None = None,
    kinds: Sequence[Kind] | None = None,
    settings: Settings | None = None,
) -> tuple[SearchHit, ...]:
    """The ``k`` best passages for a question, best first. Raises what ``answer`` raises."""
    return open_assistant(settings).search(question, k=k, as_of=as_of, kinds=kinds).hits


def document(identifier: str, *, settings: Settings | None = None) -> Document | None:
    """The stored document that citations with this ``document_id`` point into: ``text[start:end] == quote``."""
    return open_assistant(settings).document(identifier)


def documents(*, settings: Settings | None = None) -> tuple[DocumentMeta, ...]:
    """What the index holds, by id: each document's front matter."""
    return open_assistant(settings).documents()


def links(identifier: str, *, settings: Settings | None = None) -> Links:
    """Judgments that apply an article, what implements it, the article of the version before or after: for a document or passage id."""
    return open_assistant(settings).links(identifier)


def disputed_issues() -> tuple[Issue, ...]:
    """The disputed questions of law and the answers to them that sources are sorted by."""
    return tuple(issues().values())


def stances(*, settings: Settings | None = None) -> tuple[Stance, ...]:
    """Which document gives which answer to which disputed question, and where it says so."""
    return open_assistant(settings).stances()


def scope_card(*, settings: Settings | None = None) -> ScopeCard:
    """What the index holds, by kind, with dates, evidence and known gaps."""
    return open_assistant(settings).scope_card()
