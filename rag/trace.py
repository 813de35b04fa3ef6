"""How an answer came about: what was understood, what was found, what was used, what was left out and why."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from rag.compose import Draft
from rag.embed import Embedder
from rag.evidence import MODEL_PATH as SENTENCES_PATH
from rag.evidence import Evidence, PassedOver, WhyNot, passed_over
from rag.refuse import Gate
from rag.retrieve import Retrieved
from rag.scope import SCOPE_PATH
from rag.settings import Settings
from rag.support.model import MODEL_PATH as SUPPORT_PATH
from rag.support.reader import MODEL_PATH as READER_PATH
from rag.types import Answer, Fingerprints, Frozen, SupportLabel, Timings
from rag.understand import Ask, Query
from rag.verify import Removed

DaySource = Literal["given", "question", "today"]
"""Where the day comes from whose law is applied: an argument, the question's own words, or nothing else."""


class NamedSource(Frozen):
    """A source that the question names, with the versions that it may mean."""

    name: str | None
    document_ids: tuple[str, ...]
    article: str | None = None
    paragraph: int | None = None
    item: int | None = None
    docket: str | None = None


class Understood(Frozen):
    """The question as it was read: ``text`` is what was searched, ``focus`` what is left of it without the names of sources."""

    text: str
    focus: str
    ask: Ask
    as_of: dt.date
    as_of_from: DaySource
    references: tuple[NamedSource, ...]
    carried_over: bool
    incomplete: bool
    absent: tuple[str, ...]
    sections: tuple[str, ...]
    parts: tuple[str, ...]
    respelt: tuple[tuple[str, str], ...]


class FoundPassage(Frozen):
    """A retrieved passage; ``parts`` are what its score is made of, ``used`` the chosen sentences of it.

    Where none was: ``why_not``, and ``best``, the probability of its best sentence where sentences were compared.
    """

    rank: int
    passage_id: str
    score: float
    parts: dict[str, float]
    used: int
    why_not: WhyNot | None = None
    best: float | None = None


class ChosenSentence(Frozen):
    """A sentence taken for the answer, and how likely it answers the question (above 1: looked up by name; None: it comes with others, to open their
    list or to fill a table)."""

    passage_id: str
    start: int
    end: int
    score: float | None


class LeftOut(Frozen):
    """A sentence that verification removed."""

    text: str
    why: str


class Models(Frozen):
    """What judged: the embedder by name and fingerprint, the cross-encoders by name, our small models by digest."""

    embedder: str
    embedder_fingerprint: str
    reranker: str | None
    scope: str | None
    sentences: str
    support: str
    nli: str | None = None


class Said(Frozen):
    """A message to or from a chat model; ``role``: system, user, assistant."""

    role: str
    content: str


class JudgedSentence(Frozen):
    """A sentence of a chat model as it was judged, and why it fails where it does."""

    text: str
    support: SupportLabel
    score: float
    why: str
    mended: bool = False


class Generation(Frozen):
    """What a chat model was asked and what it said, word for word: the prompt, its replies, and how the kept reply was judged.

    ``keys`` tell which passage each key of the prompt stands for; ``claims`` of the answer are the model's, the first ones;
    ``completed`` is the follow-up as the model completed it.
    """

    prompt: tuple[Said, ...]
    keys: dict[str, str]
    replies: tuple[str, ...]
    sentences: tuple[JudgedSentence, ...]
    claims: int = 0
    completed: str | None = None
    failure: str | None = None


class Trace(Frozen):
    """Everything that an answer can say of itself.

    ``in_scope`` is the gate's probability, ``scope_threshold`` what it had to reach; both None where the gate was not asked. ``leads`` has, for
    every claim, what stands before its statement and says whose it is: a claim's support is judged without it.
    """

    understood: Understood
    found: tuple[FoundPassage, ...]
    chosen: tuple[ChosenSentence, ...]
    removed: tuple[LeftOut, ...]
    leads: tuple[str, ...]
    in_scope: float | None
    scope_threshold: float | None
    timings_ms: Timings
    fingerprints: Fingerprints
    models: Models
    generation: Generation | None = None


@dataclass(slots=True)
class Recorder:
    """What an answer leaves behind on its way; it costs nothing until ``trace`` is asked for."""

    query: Query | None = None
    found: Retrieved | None = None
    gate: Gate = field(default_factory=Gate)
    evidence: Sequence[Evidence] = ()
    removed: Sequence[Removed] = ()
    draft: Draft | None = None
    generation: Generation | None = None

    def trace(
        self, answer: Answer, settings: Settings, embedder: Embedder, considered: int, *, as_of: dt.date | None
    ) -> Trace:
        """The trace of ``answer``, for which ``as_of`` was asked and the sentences of the first ``considered`` passages were compared."""
        query, found = self.query, self.found
        assert query is not None
        assert found is not None
        chosen = _chosen(self.evidence, answer)
        return Trace(
            understood=_understood(query, as_of),
            found=_found(query, found, chosen, answer, embedder, considered),
            chosen=chosen,
            removed=tuple(LeftOut(text=removed.text, why=removed.why) for removed in self.removed),
            leads=self._leads(),
            in_scope=_rounded(self.gate.probability),
            scope_threshold=_rounded(self.gate.threshold),
            timings_ms=answer.timings_ms,
            fingerprints=answer.fingerprints,
            models=Models(
                embedder=settings.embedder,
                embedder_fingerprint=embedder.fingerprint,
                reranker=settings.reranker or None,
                scope=_digest(SCOPE_PATH) if SCOPE_PATH.exists() else None,
                sentences=_digest(SENTENCES_PATH),
                support=_digest(SUPPORT_PATH, READER_PATH),
                nli=settings.nli or None,
            ),
            generation=self.generation,
        )

    def _leads(self) -> tuple[str, ...]:
        """Of every claim; those of a language model come first and have none."""
        own = ("",) * (self.generation.claims if self.generation else 0)
        return own + tuple(sentence.lead for sentence in self.draft.sentences) if self.draft else own


def _understood(query: Query, as_of: dt.date | None) -> Understood:
    return Understood(
        text=query.text,
        focus=query.focus,
        ask=query.ask,
        as_of=query.as_of,
        as_of_from="given" if as_of else "question" if query.as_of_given else "today",
        references=tuple(
            NamedSource(
                name=r.name,
                document_ids=r.document_ids,
                article=r.article,
                paragraph=r.paragraph,
                item=r.item,
                docket=r.docket,
            )
            for r in query.references
        ),
        carried_over=query.carried_over,
        incomplete=query.incomplete,
        absent=query.absent,
        sections=query.sections,
        parts=query.parts,
        respelt=tuple((change.written, change.name) for change in query.respelt),
    )


def _chosen(evidence: Sequence[Evidence], answer: Answer) -> tuple[ChosenSentence, ...]:
    """The sentences of the evidence, then those that come with them."""
    found = [
        ChosenSentence(passage_id=e.hit.passage.id, start=e.unit.start, end=e.unit.end, score=_rounded(e.score))
        for e in evidence
    ]
    places = {(e.hit.document.id, e.unit.start) for e in evidence}
    found += [
        ChosenSentence(passage_id=c.passage_id, start=c.start, end=c.end, score=None)
        for c in answer.citations
        if (c.document_id, c.start) not in places
    ]
    return tuple(found)


def _found(
    query: Query,
    found: Retrieved,
    chosen: Sequence[ChosenSentence],
    answer: Answer,
    embedder: Embedder,
    considered: int,
) -> tuple[FoundPassage, ...]:
    used = [sentence.passage_id for sentence in chosen]
    if answer.refused:
        unused = {hit.passage.id: PassedOver("refused") for hit in found.hits}
    else:
        unused = {hit.passage.id: PassedOver("ranked_low") for hit in found.hits[considered:]}
        unused |= passed_over(query, found.hits[:considered], embedder)
    unused = {identifier: why for identifier, why in unused.items() if identifier not in used}
    return tuple(
        FoundPassage(
            rank=rank,
            passage_id=hit.passage.id,
            score=round(hit.score, 4),
            parts={name: round(float(value), 4) for name, value in hit.parts.items() if name != "score"},
            used=used.count(hit.passage.id),
            why_not=passed.why if (passed := unused.get(hit.passage.id)) else None,
            best=_rounded(passed.best) if passed else None,
        )
        for rank, hit in enumerate(found.hits, 1)
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


@lru_cache(maxsize=8)
def _digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]
