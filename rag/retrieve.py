"""The passages that a question is about, in order: what it names first, then what the search found, by a cross-encoder where one is set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.candidates import find_candidates
from rag.index import Index
from rag.indexed import passage_text
from rag.lexical import query_terms, terms
from rag.references import cited_articles
from rag.rerank import load_reranker
from rag.settings import Settings
from rag.types import DocumentMeta, Hit, Kind, Passage
from rag.understand import Query

EXACT_SCORE = 2.0
"""Score of a passage that the question names; every searched passage scores at most 1 + NAMED_BONUS."""
NAMED_BONUS = 0.5
"""What the passages of a named document gain (a question about 广州奥特曼案 is answered from it first)."""
_LEAD = 1e-4
"""By how much the best passage of a document that the question names without an article leads all that is merely found."""
_KEPT = 10
"""Candidates that are looked at more closely, for every passage wanted."""
_REFERRED_BONUS = 0.2
"""What an article gains that an article named by the question refers to."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Hits in falling order of score, and what the gate needs: the best scores, and the share of the question's terms that the index has."""

    hits: tuple[Hit, ...]
    best_dense: float
    best_lexical: float
    known_share: float


def retrieve(query: Query, index: Index, settings: Settings, *, kinds: Sequence[Kind] = (), k: int = 10) -> Retrieved:
    """The ``k`` best passages in force on ``query.as_of``; what the question names comes first.

    Raises:
        ModelUnavailable: ``settings.reranker`` cannot be loaded.
    """
    catalog = index.catalog
    found = find_candidates(query, index, settings, tuple(kinds), k)
    named = {identifier for reference in query.references for identifier in reference.document_ids}
    scored = found.parts(_KEPT * k, named)
    _raise_named(query, scored, named, index, kinds)
    order = sorted(scored, key=lambda position: (-scored[position]["score"], position))
    if settings.reranker:
        order = _reranked(query, order, scored, index, settings)
    order = _with_leads(query, order, scored, index)
    order = _share(order, [catalog.document_id_at(position) for position in order], named, max(k, 1))
    passages = catalog.passages(order)
    hits = [
        Hit(passage, catalog.metas[passage.document_id], scored[position]["score"], scored[position])
        for position, passage in zip(order, passages, strict=True)
    ]
    return Retrieved(tuple(hits), found.best_dense, found.best_lexical, index.lexical.known_share(query.text))


def _raise_named(
    query: Query, scored: dict[int, dict[str, float]], named: set[str], index: Index, kinds: Sequence[Kind]
) -> None:
    """Raise the passages of documents that the question names, most of all the articles that it names; those not found are added."""
    catalog = index.catalog
    missing = named - {catalog.document_id_at(position) for position in scored}
    for identifier in missing:
        if usable(catalog.metas[identifier], query.as_of, kinds):
            scored |= {catalog.positions[passage.id]: {"score": 0.0} for passage in catalog.passages_of(identifier)}
    for position, parts in scored.items():
        if catalog.document_id_at(position) in named:
            parts["named"] = NAMED_BONUS
            parts["score"] += NAMED_BONUS
    articles = exact(query, index, kinds)
    for position in _referred_positions(articles, index) & scored.keys():
        scored[position]["referred"] = _REFERRED_BONUS
        scored[position]["score"] += _REFERRED_BONUS
    for rank, passage in enumerate(articles):
        parts = scored.setdefault(catalog.positions[passage.id], {})
        parts |= {"exact": 1.0, "score": EXACT_SCORE - rank * 1e-3}


def _referred_positions(named: Sequence[Passage], index: Index) -> set[int]:
    """Articles of the same instrument that the named articles refer to, one step."""
    catalog = index.catalog
    found = (
        catalog.article(passage.document_id, reference.article or "")
        for passage in named
        for reference in cited_articles(passage.text)
    )
    return {catalog.positions[passage.id] for passage in found if passage}


def _with_leads(query: Query, order: list[int], scored: dict[int, dict[str, float]], index: Index) -> list[int]:
    """``order`` with the best passage of every document named without an article before all that is merely found."""
    first = [position for position in order if "exact" in scored[position]]
    leads: list[int] = []
    for reference in query.references:
        ids = () if reference.article else reference.document_ids
        lead = next((p for p in order if index.catalog.document_id_at(p) in ids), None)
        if lead is not None and lead not in first and lead not in leads:
            leads.append(lead)
    ahead = {*first, *leads}
    rest = [position for position in order if position not in ahead]
    best = scored[rest[0]]["score"] if rest else 0.0
    for position in reversed(leads):
        best = scored[position]["score"] = max(scored[position]["score"], best + _LEAD)
    return [*first, *leads, *rest]


def _reranked(
    query: Query, order: list[int], scored: dict[int, dict[str, float]], index: Index, settings: Settings
) -> list[int]:
    """The best passages in the order of a cross-encoder; what the question names stays first."""
    first = [position for position in order if "exact" in scored[position]]
    others = [position for position in order if "exact" not in scored[position]]
    read, unread = others[: settings.rerank_candidates], others[settings.rerank_candidates :]
    if not read:
        return order
    metas = index.catalog.metas
    texts = [passage_text(metas[passage.document_id].title, passage) for passage in index.catalog.passages(read)]
    relevance = load_reranker(settings.reranker).relevance(query.text, texts)
    for position, value in zip(read, relevance, strict=True):
        parts = scored[position]
        parts["rerank"] = float(value)
        parts["score"] = float(value) + parts.get("named", 0.0)
    read.sort(key=lambda position: -scored[position]["score"])
    worst = scored[read[-1]]["score"]
    for position in unread:  # in their old order, under all that was read
        scored[position]["score"] += worst - EXACT_SCORE
    return first + read + unread


def exact(query: Query, index: Index, kinds: Sequence[Kind] = ()) -> list[Passage]:
    """The articles that the question names, in the version in force on the day."""
    found: list[Passage] = []
    for reference in query.references:
        if not reference.article:
            continue
        for identifier in reference.document_ids:
            meta = index.catalog.metas[identifier]
            passage = index.catalog.article(identifier, reference.article)
            if passage and usable(meta, query.as_of, kinds):
                if passage not in found:
                    found.append(passage)
                break
    return found


def merged(one: Retrieved, other: Retrieved, k: int) -> Retrieved:
    """The ``k`` best of what two wordings of one question found, a passage once; the first wording speaks for the gate."""
    best: dict[str, Hit] = {}
    for hit in (*one.hits, *other.hits):
        if hit.passage.id not in best or hit.score > best[hit.passage.id].score:
            best[hit.passage.id] = hit
    hits = sorted(best.values(), key=lambda hit: -hit.score)[:k]
    return replace(one, hits=tuple(hits))


def usable(meta: DocumentMeta, day: dt.date, kinds: Sequence[Kind]) -> bool:
    return meta.in_force(day) and (not kinds or meta.kind in kinds)


def coverage(question: str, text: str) -> float:
    """Share of the question's distinct bigrams and words that stand in ``text``; 0…1."""
    wanted = {term for term in query_terms(question) if len(term) > 1}
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 0.0


def _share(order: list[int], documents: Sequence[str], named: set[str], k: int) -> list[int]:
    """The first ``k`` positions; where a question names several documents, each gets its share of them."""
    if len(named) < 2:
        return order[:k]
    quota, counts, first, later = -(-k // len(named)), dict.fromkeys(named, 0), [], []
    for position, document in zip(order, documents, strict=True):
        if document in named and counts[document] < quota:
            counts[document] += 1
            first.append(position)
        else:
            later.append(position)
    chosen = set((first + later)[:k])
    return [position for position in order if position in chosen]
