"""The flow: understand → retrieve → compose → verify, over one open index."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from rag.audit import AuditReport, audit
from rag.bundle import AuditBundle, bundle_of
from rag.card import ScopeCard, card_of
from rag.checklist import checklist, wants_checklist
from rag.cite import Citations
from rag.compose import Draft, Sentence, Table, basis_of, compose, render
from rag.conflicts import Disputes
from rag.evidence import Evidence, gather, rested_on
from rag.index import Index, no_index, open_index, store_of
from rag.pointers import referred
from rag.refuse import refusal_of
from rag.relations import Links, Relations
from rag.renumbering import renumbering_warnings
from rag.retrieve import retrieve, usable
from rag.settings import Settings, load_settings
from rag.support.nli import Nli, load_nli
from rag.tables import case_table, change_table, compared_cases
from rag.trace import Recorder, Trace
from rag.types import (
    Answer,
    Document,
    Fingerprints,
    Hit,
    Kind,
    Refusal,
    SearchHit,
    SearchResult,
    Timings,
    Warning,
)
from rag.understand import Ask, History, Query, asked_alone, known_names, understand
from rag.verify import verify

MAX_PROVISIONS = 4
"""Provisions added because chosen sentences refer to them."""
PASSAGES, MORE_PASSAGES = 12, 16
"""Passages whose sentences are considered for an answer, and for a checklist of elements."""
MAX_PARTS, _OF_A_PART = 3, 4
"""Questions of one text that are answered each by itself, and the sentences that each gets at least."""
_BESIDE_TABLE = 5
"""Sentences that an answer with a table has besides."""


class Assistant:
    """Answers questions from one index. Opening it is slow, asking it is fast; it is safe to keep for a long time."""

    def __init__(self, index: Index, settings: Settings) -> None:
        self.index, self.settings = index, settings
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
    ) -> Answer:
        return self._answer(question, history, as_of, kinds, identifier, Recorder())

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
        answer = self._answer(question, history, as_of, kinds, identifier, recorder)
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

    def _answer(
        self,
        question: str,
        history: History,
        as_of: dt.date | None,
        kinds: Sequence[Kind] | None,
        identifier: str | None,
        recorder: Recorder,
    ) -> Answer:
        clock = _Clock()
        query = understand(question, self.names, self.settings, history=history, as_of=as_of)
        clock.lap("understand")
        with_elements = wants_checklist(query)
        wide = MORE_PASSAGES if with_elements else PASSAGES
        found = retrieve(query, self.index, self.settings, kinds=kinds or (), k=wide)
        clock.lap("retrieve")
        recorder.query, recorder.found = query, found
        refusal, warnings = refusal_of(query, found, self.index, self.settings, recorder.gate)
        if refusal:
            return self._refused(query, refusal, clock, identifier)
        citations = Citations(query.as_of)
        tables = self._tables(query, found.hits, citations, kinds or ())
        evidence = self._evidence(query, found.hits, kinds or (), beside=tables)
        recorder.evidence = evidence
        draft = compose(query, evidence, citations)
        draft.tables_first = bool(tables)  # they are what was asked for; a checklist comes after the answer
        if not tables and with_elements:
            elements = checklist(query, found.hits, evidence, self.index, citations)
            tables = [elements] if elements else []
        draft.tables = tables
        draft.disputes = self._disputes.find(query, found.hits, citations, kinds or ())
        clock.lap("answer")
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
            nothing_left = Refusal(reason="not_in_corpus", message="找到的内容没有一句通过核对，因此不作答。")
            return self._refused(query, nothing_left, clock, identifier)
        draft = _without(draft, [removed.sentence for removed in verified.removed])
        recorder.draft = draft
        moved = renumbering_warnings(found, self.relations)
        draft.warnings[:0] = [*_respelt(query), *warnings, *moved, *verified.warnings]
        clock.lap("verify")
        conflicts = tuple(dispute.as_conflict() for dispute in draft.disputes)
        used = {n for claim in verified.claims for n in claim.citations}
        used |= {n for conflict in conflicts for side in conflict.sides for n in side.citations}
        cited = tuple(citation for citation in citations.all if citation.n in used)
        draft.basis = basis_of(cited, query.as_of)
        return Answer(
            id=identifier,
            question=query.question,
            as_of=query.as_of,
            answer=render(draft),
            claims=verified.claims,
            citations=cited,
            warnings=tuple(draft.warnings),
            conflicts=conflicts,
            timings_ms=clock.timings(),
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
        query = understand(question, self.names, self.settings, history=history, as_of=as_of)
        hits = retrieve(query, self.index, self.settings, kinds=kinds or (), k=k).hits
        return SearchResult(
            id=identifier, question=query.question, hits=tuple(_search_hit(i, h) for i, h in enumerate(hits, 1))
        )

    def document(self, identifier: str) -> Document | None:
        """The stored text that citations of this document point into."""
        return self.index.catalog.document(identifier)

    def links(self, identifier: str) -> Links:
        """What a document or passage is connected to."""
        return self.relations.links(identifier)

    def scope_card(self) -> ScopeCard:
        """What the index holds and lacks."""
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

    def _tables(self, query: Query, hits: Sequence[Hit], citations: Citations, kinds: Sequence[Kind]) -> list[Table]:
        """Versions or cases side by side, where that is what the question wants."""
        if query.ask is Ask.CHANGE:
            table = change_table(query, self.index, self.settings, citations, kinds)
            return [table] if table else []
        cases = compared_cases(query, hits, self.index, kinds)
        table = case_table(query, cases, self.index, citations) if cases else None
        return [table] if table else []

    def _evidence(
        self, query: Query, hits: Sequence[Hit], kinds: Sequence[Kind], *, beside: Sequence[Table] = ()
    ) -> list[Evidence]:
        """Chosen sentences, and the provisions that they rest on; few of them ``beside`` tables."""
        limit = _BESIDE_TABLE if beside else self.settings.max_sentences
        if len(query.parts) > 1:
            evidence = self._evidence_of_parts(query, kinds, limit)
        else:
            evidence = gather(query, hits[:PASSAGES], self.index.embedder, limit)
        said = {(s.block, s.statement) for table in beside for s in table.sentences}
        evidence = [e for e in evidence if (e.hit.passage.id, e.unit.text) not in said]
        pointers = referred(
            ((e.hit, e.unit.text) for e in evidence if not e.aside), self.index, self.names, query.as_of
        )
        pointers = [pointer for pointer in pointers if usable(pointer.hit.document, query.as_of, kinds)]
        return evidence + rested_on(query, pointers, self.index.embedder, evidence, MAX_PROVISIONS)

    def _evidence_of_parts(self, query: Query, kinds: Sequence[Kind], limit: int) -> list[Evidence]:
        """Of a text that asks several questions: the sentences that answer each, the same one once."""
        found: dict[tuple[str, int], Evidence] = {}
        share = max(_OF_A_PART, -(-limit // len(query.parts)))
        for part in query.parts[:MAX_PARTS]:
            asked = asked_alone(query, part, self.names)
            hits = retrieve(asked, self.index, self.settings, kinds=kinds, k=PASSAGES).hits
            for evidence in gather(asked, hits, self.index.embedder, share):
                found.setdefault((evidence.hit.passage.id, evidence.unit.start), evidence)
        return list(found.values())

    def _refused(self, query: Query, refusal: Refusal, clock: _Clock, identifier: str | None) -> Answer:
        return Answer(
            id=identifier,
            question=query.question,
            as_of=query.as_of,
            refused=True,
            refusal=refusal,
            answer=refusal.message,
            warnings=(Warning(kind=refusal.reason, message=refusal.message),),
            timings_ms=clock.timings(),
            fingerprints=self.fingerprints,
        )


class _Clock:
    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def timings(self) -> Timings:
        return Timings(**self._laps, total=round((time.perf_counter() - self._start) * 1000, 2))


def open_assistant(settings: Settings | None = None) -> Assistant:
    """The assistant of ``settings``; opened once per index generation and kept.

    Raises:
        IndexUnavailable: the index is missing, damaged, or built with other settings.
    """
    settings = settings or load_settings()
    manifest = store_of(settings).manifest()
    if manifest is None:
        raise no_index(settings)
    return _assistant(settings, settings.index.resolve(), manifest.generation)


@lru_cache(maxsize=8)
def _assistant(settings: Settings, folder: Path, generation: str) -> Assistant:
    del folder, generation  # they tell one index from another
    return Assistant(open_index(settings), settings)


def _without(draft: Draft, removed: Sequence[Sentence]) -> Draft:
    gone = set(removed)
    groups = [(name, [s for s in sentences if s not in gone]) for name, sentences in draft.groups]
    tables = [table.without(gone) for table in draft.tables]
    return replace(draft, groups=[(name, sentences) for name, sentences in groups if sentences], tables=tables)


def _respelt(query: Query) -> list[Warning]:
    return [Warning(kind="respelt", message=f"“{change.written}”按“{change.name}”理解。") for change in query.respelt]


def _search_hit(rank: int, hit: Hit) -> SearchHit:
    passage = hit.passage
    return SearchHit(
        rank=rank,
        score=round(hit.score, 4),
        passage_id=passage.id,
        document_id=passage.document_id,
        title=hit.document.title,
        number=hit.document.number,
        article=passage.article,
        section=passage.section,
        text=passage.text,
        start=passage.start,
        end=passage.end,
    )
