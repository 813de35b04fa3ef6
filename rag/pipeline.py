"""The flow: understand → retrieve → compose → verify, over one open index."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag.audit import AuditReport, audit
from rag.bundle import AuditBundle, bundle_of
from rag.card import ScopeCard, card_of
from rag.checklist import checklist, wants_checklist
from rag.choose import PASSAGES, evidence_for, tables_for
from rag.cite import Citations
from rag.clock import Clock
from rag.compose import Draft, basis_of, compose, render, source_warnings
from rag.conflicts import Disputes
from rag.digression import is_digression
from rag.generate.writer import Writer
from rag.index import Index, no_index, open_index, store_of
from rag.misspelt import respelt_warnings
from rag.refuse import refusal_of
from rag.relations import Links, Relations
from rag.renumbering import renumbering_warnings
from rag.retrieve import Retrieved, merged, retrieve
from rag.settings import Settings, load_settings
from rag.stances import Stance, stances_of
from rag.support.nli import Nli, load_nli
from rag.trace import Recorder, Trace
from rag.turn import Asked, Turn
from rag.types import (
    Answer,
    Claim,
    Document,
    DocumentMeta,
    Fingerprints,
    Kind,
    Refusal,
    SearchHit,
    SearchResult,
    Warning,
)
from rag.understand import Ask, History, Query, known_names, understand
from rag.verify import verify

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig

MORE_PASSAGES = 16
"""Passages whose sentences are considered for a checklist of elements, and those that a language model is given at least."""
NOTHING_LEFT = Refusal(reason="not_in_corpus", message="找到的内容没有一句通过核对，因此不作答。", code="nothing_left")


class Assistant:
    """Answers questions from one index. Opening it is slow, asking it is fast; it is safe to keep for a long time."""

    def __init__(self, index: Index, settings: Settings, chat_model: BaseChatModel | None = None) -> None:
        """``chat_model``: any LangChain chat model, in place of the one that ``settings`` name."""
        self.index, self.settings, self.chat_model = index, settings, chat_model
        self.names = known_names(index.catalog.metas.values())
        self.relations = Relations(index.catalog.metas)
        self._disputes = Disputes(index, self.relations)

    def answer(
        self,
        question: str,
        *,
        history: History = (),
        as_of: dt.date | None = None,
        kinds: Sequence[Kind] | None = None,
        identifier: str | None = None,
        config: RunnableConfig | None = None,
    ) -> Answer:
        """``config``: LangChain's, for the calls of a chat model."""
        return self._answer(Asked(question, history, as_of, kinds or (), identifier, config), Recorder())

    def explain(
        self,
        question: str,
        *,
        history: History = (),
        as_of: dt.date | None = None,
        kinds: Sequence[Kind] | None = None,
        identifier: str | None = None,
    ) -> tuple[Answer, Trace]:
        """``answer``, and how it came about."""
        recorder = Recorder()
        answer = self._answer(Asked(question, history, as_of, kinds or (), identifier), recorder)
        return answer, recorder.trace(answer, self.settings, self.index.embedder, PASSAGES, as_of=as_of)

    def audit_bundle(
        self,
        question: str,
        *,
        history: History = (),
        as_of: dt.date | None = None,
        kinds: Sequence[Kind] | None = None,
        identifier: str | None = None,
    ) -> AuditBundle:
        """``explain``, with what was asked and the digests of what is cited: all that ``audit`` needs later."""
        answer, trace = self.explain(question, history=history, as_of=as_of, kinds=kinds, identifier=identifier)
        cited = dict.fromkeys(citation.document_id for citation in answer.citations)
        documents = [document for name in cited if (document := self.document(name))]
        return bundle_of(answer, trace, documents, self.settings, history=history, as_of=as_of, kinds=kinds)

    def audit(self, bundle: AuditBundle) -> AuditReport:
        """Whether an earlier answer still stands on this index."""
        return audit(
            bundle, self.index.catalog, self.names, self.fingerprints, self.index.embedder.fingerprint, self.nli
        )

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        as_of: dt.date | None = None,
        kinds: Sequence[Kind] | None = None,
        identifier: str | None = None,
        config: RunnableConfig | None = None,
    ) -> Iterator[str | Answer]:
        """A language model's answer sentence by sentence, each checked and marked, then the whole ``Answer``, which alone counts.

        Where the answer differs from what was streamed, a piece says so and the answer's text follows. Without a model: the ``Answer``.
        """
        yield from self._pieces(Asked(question, history, as_of, kinds or (), identifier, config), Recorder())

    def with_model(self, chat_model: BaseChatModel) -> Assistant:
        """This assistant with a chat model of the caller's."""
        other = copy(self)
        other.chat_model = chat_model
        return other

    def with_settings(self, settings: Settings) -> Assistant:
        """This assistant with other settings of its answers; the index, and the embedder that built it, stay."""
        other = copy(self)
        kept = self.settings.model_dump(include={"index", "chroma_url", "embedder"})
        other.settings = settings.model_copy(update=kept)
        return other

    def over(self, index: Index) -> Assistant:
        """This assistant on another view of its documents (some withheld, some changed), without opening anything anew."""
        other = copy(self)
        other.index, other._disputes = index, self._disputes.over(index)
        for made in ("_card", "_stances"):  # of the documents as they were
            other.__dict__.pop(made, None)
        return other

    def _answer(self, asked: Asked, recorder: Recorder) -> Answer:
        for piece in self._pieces(asked, recorder):
            if isinstance(piece, Answer):
                return piece
        raise AssertionError("an answer always comes last")

    def _pieces(self, asked: Asked, recorder: Recorder) -> Iterator[str | Answer]:
        clock = Clock()
        writer = Writer.of(self.settings, self.chat_model, self.names, asked.config)
        query, found = self._found(asked, clock, writer)
        recorder.query, recorder.found = query, found
        refusal, warnings = refusal_of(query, found, self.index, self.settings, recorder.gate)
        turn = Turn(asked, query, found, recorder, clock, warnings)
        if refusal:
            yield self._refused(turn, refusal)
        elif writer is None or query.ask is Ask.CHANGE:
            # What an amendment changed is set side by side word for word; there is nothing to be phrased.
            yield self._extractive(turn)
        else:
            yield from self._written(turn, writer)

    def _found(self, asked: Asked, clock: Clock, writer: Writer | None) -> tuple[Query, Retrieved]:
        """The question as understood, and what it finds; a follow-up that a model completed finds as it stands and as completed."""
        raw = query = self._understood(asked.question, asked.history, asked.as_of)
        completed = writer.completed(asked.question, asked.history) if writer and asked.history else None
        if completed:
            query = replace(self._understood(completed, asked.history, asked.as_of), question=raw.question)
        clock.lap("understand")
        wide = MORE_PASSAGES if wants_checklist(query) else PASSAGES
        found = retrieve(query, self.index, self.settings, kinds=asked.kinds, k=wide)
        if completed:
            found = merged(found, retrieve(raw, self.index, self.settings, kinds=asked.kinds, k=wide), wide)
        clock.lap("retrieve")
        return query, found

    def _understood(self, question: str, history: History, as_of: dt.date | None) -> Query:
        query = understand(question, self.names, self.settings, history=history, as_of=as_of)
        if query.only_short and is_digression(question, history, self.index):
            return replace(understand(question, self.names, self.settings, as_of=as_of), is_digression=True)
        return query

    def _extractive(self, turn: Turn, told: Sequence[Warning] = ()) -> Answer:
        """The answer out of the sources' own sentences; ``told`` are warnings that come first."""
        query, found, kinds, recorder = turn.query, turn.found, turn.asked.kinds, turn.recorder
        citations = Citations(query.as_of)
        # A list of all cases is the answer; it comes first, and so do its numbers.
        listed = self._disputes.listed(query, citations, kinds)
        tables = tables_for(query, found.hits, self.index, self.settings, citations, kinds)
        evidence = evidence_for(query, found.hits, self.index, self.settings, self.names, kinds, beside=tables)
        recorder.evidence = evidence
        draft = compose(query, evidence, citations)
        draft.tables_first = bool(tables)  # they are what was asked for; a checklist comes after the answer
        if not tables and wants_checklist(query):
            elements = checklist(query, found.hits, evidence, self.index, citations)
            tables = [elements] if elements else []
        draft.tables = tables
        draft.disputes = listed or self._disputes.find(query, found.hits, citations, kinds)
        turn.clock.lap("answer")
        verified = verify(
            draft,
            citations.all,
            self.index.catalog,
            self.names,
            any_version=query.ask is Ask.CHANGE and bool(tables),
            nli=self.nli,
        )
        recorder.removed = verified.removed
        if not verified.claims:
            return self._refused(turn, NOTHING_LEFT)
        draft = draft.without([removed.sentence for removed in verified.removed])
        draft.warnings[:0] = [*told, *self._general_warnings(turn), *verified.warnings]
        return self._concluded(turn, draft, verified.claims, citations)

    def _written(self, turn: Turn, writer: Writer) -> Iterator[str | Answer]:
        """The answer that a language model writes; where it gives none that stands, the extractive one, with the reason."""
        found = turn.found.hits
        evidence = evidence_for(turn.query, found, self.index, self.settings, self.names, turn.asked.kinds)
        wider = retrieve(turn.query, self.index, self.settings, kinds=turn.asked.kinds, k=MORE_PASSAGES).hits
        given = {hit.passage.id: hit for hit in (*found, *(e.hit for e in evidence), *wider)}
        hits = list(given.values())
        yield from writer.sentences(turn.query, hits)
        turn.clock.lap("answer")
        answer = self._of_model(turn, writer)
        yield from writer.tail(answer)
        yield answer

    def _of_model(self, turn: Turn, writer: Writer) -> Answer:
        outcome = writer.outcome()
        turn.recorder.generation = writer.generation(0)
        if isinstance(outcome, Refusal):
            return self._refused(turn, outcome).model_copy(update={"model": writer.use(0)})
        if isinstance(outcome, Warning):
            answer = self._extractive(turn, [outcome])
            return answer.model_copy(update={"model": writer.use(0) if writer.called else None})
        citations = Citations(turn.query.as_of)
        written = writer.body(citations)
        draft = Draft(
            body=written.text,
            tables=tables_for(turn.query, turn.found.hits, self.index, self.settings, citations, turn.asked.kinds),
        )
        if not draft.tables and wants_checklist(turn.query):
            elements = checklist(turn.query, turn.found.hits, [], self.index, citations)
            draft.tables = [elements] if elements else []
        draft.disputes = self._disputes.listed(turn.query, citations, turn.asked.kinds) or self._disputes.find(
            turn.query, turn.found.hits, citations, turn.asked.kinds
        )
        tabled = verify(draft, citations.all, self.index.catalog, self.names)
        draft = draft.without([removed.sentence for removed in tabled.removed])
        turn.recorder.removed = [*writer.removed(written), *tabled.removed]
        turn.recorder.generation = writer.generation(len(written.claims))
        told = [*self._general_warnings(turn), *writer.warnings(written), *tabled.warnings]
        draft.warnings = [*told, *source_warnings(writer.evidence(written))]
        answer = self._concluded(turn, draft, (*written.claims, *tabled.claims), citations)
        return answer.model_copy(update={"mode": "model", "model": writer.use(len(written.removed))})

    def _general_warnings(self, turn: Turn) -> list[Warning]:
        """What has to be said whoever writes the answer."""
        return [
            *respelt_warnings(turn.query.respelt),
            *turn.warnings,
            *renumbering_warnings(turn.found, self.relations),
        ]

    def _concluded(self, turn: Turn, draft: Draft, claims: tuple[Claim, ...], citations: Citations) -> Answer:
        turn.recorder.draft = draft
        turn.clock.lap("verify")
        conflicts = tuple(dispute.as_conflict() for dispute in draft.disputes if len(dispute.sides) > 1)
        used = {n for claim in claims for n in claim.citations}
        used |= {case.citation for dispute in draft.disputes for _, cases in dispute.sides for case in cases}
        cited = tuple(citation for citation in citations.all if citation.n in used)
        draft.basis = basis_of(cited, turn.query.as_of)
        return Answer(
            id=turn.asked.identifier,
            question=turn.query.question,
            as_of=turn.query.as_of,
            answer=render(draft),
            claims=claims,
            citations=cited,
            warnings=tuple(draft.warnings),
            conflicts=conflicts,
            timings_ms=turn.clock.timings(),
            fingerprints=self.fingerprints,
        )

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        history: History = (),
        as_of: dt.date | None = None,
        kinds: Sequence[Kind] | None = None,
        identifier: str | None = None,
    ) -> SearchResult:
        """The ``k`` best passages for a question, ranked from 1."""
        query = self._understood(question, history, as_of)
        hits = retrieve(query, self.index, self.settings, kinds=kinds or (), k=k).hits
        return SearchResult(
            id=identifier, question=query.question, hits=tuple(SearchHit.of(i, h) for i, h in enumerate(hits, 1))
        )

    def document(self, identifier: str) -> Document | None:
        """The stored text that citations of this document point into."""
        return self.index.catalog.document(identifier)

    def documents(self) -> tuple[DocumentMeta, ...]:
        """Front matter of all documents, by id."""
        return tuple(self.index.catalog.metas.values())

    def stances(self) -> tuple[Stance, ...]:
        """Which document gives which answer to which disputed question, and where."""
        return self._stances

    @cached_property
    def _stances(self) -> tuple[Stance, ...]:
        return stances_of(self.relations.positions, self.index.catalog)

    def links(self, identifier: str) -> Links:
        """What a document or passage is connected to."""
        return self.relations.links(identifier)

    def scope_card(self) -> ScopeCard:
        """What the index holds and lacks."""
        return self._card

    @cached_property
    def _card(self) -> ScopeCard:
        catalog = self.index.catalog
        return card_of((meta, catalog.passages_of(identifier)) for identifier, meta in catalog.metas.items())

    @property
    def nli(self) -> Nli | None:
        """What has a say in the claim check, where one is set; loaded when first used.

        Raises:
            ModelUnavailable: it cannot be loaded, or is no model for this.
        """
        return load_nli(self.settings.nli, self.settings.nli_weights)

    @property
    def fingerprints(self) -> Fingerprints:
        manifest = self.index.manifest
        return Fingerprints(
            corpus=manifest.corpus_fingerprint,
            index=manifest.index_fingerprint,
            settings=self.settings.fingerprint,
        )

    def _refused(self, turn: Turn, refusal: Refusal) -> Answer:
        return Answer(
            id=turn.asked.identifier,
            question=turn.query.question,
            as_of=turn.query.as_of,
            refused=True,
            refusal=refusal,
            answer=refusal.message,
            warnings=(Warning(kind=refusal.reason, message=refusal.message, code=refusal.code, values=refusal.values),),
            timings_ms=turn.clock.timings(),
            fingerprints=self.fingerprints,
        )


_OPENING = threading.Lock()
"""Held while an index is opened, so that those who ask at the same moment wait for it instead of opening it again."""


def open_assistant(settings: Settings | None = None) -> Assistant:
    """The assistant of ``settings``; opened once per index generation and kept.

    Raises:
        IndexUnavailable: the index is missing, damaged, or built with other settings.
    """
    settings = settings or load_settings()
    manifest = store_of(settings).manifest()
    if manifest is None:
        raise no_index(settings)
    with _OPENING:
        return _assistant(settings, settings.index.resolve(), manifest.generation)


@lru_cache(maxsize=8)
def _assistant(settings: Settings, folder: Path, generation: str) -> Assistant:
    del folder, generation  # they tell one index from another
    return Assistant(open_index(settings), settings)
