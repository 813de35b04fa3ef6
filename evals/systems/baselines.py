"""Baselines that are really run: what people build in an afternoon, and a chat model without any source.

Without a chat model, an answer is what was found, as it stands: all that a quickstart can show then. With one, it is written with the
tutorial's prompt from the same chunks, and its sentences count as resting on all of them, as the tutorial shows no others. History and date
are not used: neither is in the quickstart. None of them refuses, unless the chat model says that it does not know.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evals.bench.spans import first_appearances
from evals.questions import Question
from evals.systems.chat import ask
from evals.systems.chunks import Chunk, Places
from evals.systems.finders import Finder
from rag.catalog import Catalog
from rag.pinpoint import units
from rag.support import support
from rag.types import Answer, Citation, Claim, Document, Fingerprints, Passage, Refusal, Timings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

K = 4
"""Chunks of an answer: the default of ``similarity_search``, and of LangChain's retrievers."""
CHUNKS_PER_ARTICLE = 2
"""Chunks asked for per place wanted in a ranking, where chunks overlap and several may hold one article."""
PROMPT = (
    "You are an assistant for question-answering tasks. Use the following pieces of retrieved context to answer the question. "
    "If you don't know the answer, just say that you don't know. Use three sentences maximum and keep the answer concise.\n"
    "Question: {question}\nContext: {context}\nAnswer:"
)
"""The prompt of LangChain's RAG tutorial (``rlm/rag-prompt``), unchanged."""
_DECLINES = re.compile(r"^(?:抱歉|对不起|很遗憾|I'm sorry|Sorry)?[，,。.]?\s*(?:我(?:也)?(?:不知道|不清楚|无法回答)|不知道|I (?:do not|don't) know)", re.I)  # fmt: skip
_UNKNOWN = Refusal(reason="not_in_corpus", message="模型说不知道。")


class Quickstart:
    """Find, then show or write."""

    def __init__(
        self,
        name: str,
        finder: Finder,
        catalog: Catalog,
        fingerprints: Fingerprints,
        *,
        model: BaseChatModel | None = None,
        k: int = K,
    ) -> None:
        self.name, self._finder, self._catalog = name, finder, catalog
        self._fingerprints, self._model, self._k = fingerprints, model, k
        self._places = Places(catalog)

    def answer(self, question: Question) -> Answer:
        began = time.perf_counter()
        as_of = question.as_of or dt.date.today()
        chunks = self._finder.find(question, self._k)
        retrieved = time.perf_counter()
        cited: list[list[Citation]] = []
        for chunk in chunks:
            cited.append(self._places.citations(chunk, 1 + sum(map(len, cited)), as_of))
        citations = tuple(citation for group in cited for citation in group)
        if self._model is None:
            text, claims = self._as_found(chunks, cited)
        else:
            context = "\n\n".join(chunk.text for chunk in chunks)
            text = ask(self._model, PROMPT.format(question=question.question, context=context))
            claims = written_claims(text, citations)
        timings = Timings(retrieve=_ms(began, retrieved), total=_ms(began, time.perf_counter()))
        return written(question, as_of, text, claims, citations, timings, self._fingerprints, by_model=self._model is not None)  # fmt: skip

    def retrieve(self, question: Question, k: int) -> list[str] | None:
        chunks = self._finder.find(question, k * CHUNKS_PER_ARTICLE)
        return first_appearances(([p.id for p in self._places.passages(chunk)] for chunk in chunks), k)

    def document(self, identifier: str) -> Document | None:
        return self._catalog.document(identifier)

    def _as_found(self, chunks: Sequence[Chunk], cited: Sequence[Sequence[Citation]]) -> tuple[str, tuple[Claim, ...]]:
        shown, claims = [], []
        for chunk, citations in zip(chunks, cited, strict=True):
            document = self._catalog.document(chunk.document_id)
            text = document.text[chunk.start : chunk.end] if document else ""
            shown.append(text + "".join(f"[{citation.n}]" for citation in citations))
            # A quote says what it says; a chunk outside every passage (headings, 问法) cites nothing.
            claims += [Claim(text=c.quote, citations=(c.n,), support="supported", score=1.0) for c in citations]
        return "\n\n".join(shown), tuple(claims)


class NoRetrieval:
    """The chat model alone: the question is the prompt, and nothing is cited."""

    name = "no-retrieval"

    def __init__(self, model: BaseChatModel, fingerprints: Fingerprints) -> None:
        self._model, self._fingerprints = model, fingerprints

    def answer(self, question: Question) -> Answer:
        began = time.perf_counter()
        text = ask(self._model, question.question)
        timings = Timings(total=_ms(began, time.perf_counter()))
        as_of = question.as_of or dt.date.today()
        return written(question, as_of, text, written_claims(text, ()), (), timings, self._fingerprints, by_model=True)

    def retrieve(self, question: Question, k: int) -> list[str] | None:
        del question, k
        return None

    def document(self, identifier: str) -> Document | None:
        del identifier
        return None


def written_claims(text: str, citations: Sequence[Citation]) -> tuple[Claim, ...]:
    """The sentences of a text, each resting on all citations, as our claim check judges them."""
    passage = Passage(id="answer", document_id="answer", text=text, start=0, end=len(text))
    numbers, quotes = tuple(c.n for c in citations), [c.quote for c in citations]
    claims = []
    for unit in units(passage):
        verdict = support(unit.text, quotes)
        claims.append(Claim(text=unit.text, citations=numbers, support=verdict.support, score=verdict.score))
    return tuple(claims)


def written(
    question: Question,
    as_of: dt.date,
    text: str,
    claims: tuple[Claim, ...],
    citations: tuple[Citation, ...],
    timings: Timings,
    fingerprints: Fingerprints,
    *,
    by_model: bool,
) -> Answer:
    """The answer; a refusal where a model says that it does not know."""
    declines = by_model and _DECLINES.match(text.strip()) is not None
    return Answer(
        id=question.id,
        question=question.question,
        as_of=as_of,
        mode="model" if by_model else "extractive",
        refused=declines,
        refusal=_UNKNOWN if declines else None,
        answer=text,
        claims=() if declines else claims,
        citations=() if declines else citations,
        timings_ms=timings,
        fingerprints=fingerprints,
    )


def _ms(began: float, ended: float) -> float:
    return round(1000 * (ended - began), 2)
