"""From passages to evidence: which sentences of them answer the question."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from rag.embed import Embedder, Vectors
from rag.numerals import CHINESE_DIGITS, to_int
from rag.pinpoint import units
from rag.pointers import Pointer
from rag.retrieve import EXACT_SCORE
from rag.sentence_features import FEATURES, SIGNALS, Candidate, candidates, features, shares_of
from rag.sentence_vectors import sentence_vectors
from rag.types import Hit, Kind, Unit
from rag.understand import JUDGMENT_SECTIONS, Ask, Query

MODEL_PATH = Path(__file__).parent / "model" / "evidence.json"
MAX_ARTICLE_UNITS = 60
"""Units of an article that a question about its text gets in full."""
_CORE, _ASIDE = 0.1, 0.015
"""Shares of the best sentence's probability: from the first on a sentence belongs to the answer, from the second on it is shown aside."""
_REDUNDANT = 0.92
"""Cosine above which a sentence says again what a chosen one says."""
_OF_ONE_PASSAGE = 4
"""Sentences of one passage at most, unless the question names its document."""
_SAME_PASSAGE = 0.5
"""What is left of the worth of a passage's other sentences each time one of them is chosen: a second source says more than a second sentence."""
_MANY, _OF_MANY = 3, 2
"""From more provisions than the first on, named in one passage, only the second number of them is shown."""
_BESIDE_NAMED = 0.5
"""What is left of the probability of a sentence that is not from a source the question names."""
_ANNOUNCED = re.compile(rf"(?:以下|下列|如下)(?P<count>[{CHINESE_DIGITS}]{{1,2}})[点项个]")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a source, chosen for this question, and how likely it answers it (0…1; exact look-ups above 1); ``aside``: only perhaps of use."""

    hit: Hit
    unit: Unit
    score: float
    aside: bool = False


WhyNot = Literal["refused", "ranked_low", "not_asked", "other_section", "below_threshold", "no_sentence_chosen"]
"""Why a passage gave no sentence: nothing was answered; it was found for a table only; what the question names is enough; a part of a judgment that it does not ask for; all its
sentences much less likely than the best one; others came first, or had said the same."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A passage without a chosen sentence: why, and the probability of its best one where sentences were compared."""

    why: WhyNot
    best: float | None = None


@dataclass(frozen=True, slots=True)
class SentenceModel:
    """Logistic weights of ``FEATURES``, trained by ``ingest.train_evidence``."""

    weights: Vectors
    intercept: float

    def probability(self, rows: Vectors) -> Vectors:
        """How likely each row's sentence answers the question, shape ``(rows,)``."""
        likely: Vectors = 1 / (1 + np.exp(-(rows @ self.weights + self.intercept)))
        return likely


@lru_cache(maxsize=1)
def sentence_model() -> SentenceModel:
    stored = json.loads(MODEL_PATH.read_text("utf-8"))
    weights = [stored["weights"][name] for name in FEATURES]
    return SentenceModel(np.asarray(weights, dtype=np.float32), float(stored["intercept"]))


def gather(query: Query, hits: Sequence[Hit], embedder: Embedder, limit: int) -> list[Evidence]:
    """The sentences that answer the question, best first, redundancy removed; articles that it names come whole."""
    whole, rest = _apart(query, hits)
    chosen = [evidence for hit in whole for evidence in _asked_text(query, hit)]
    room = max(limit - len(chosen), 2) if whole else limit
    return chosen + _best_sentences(query, rest, embedder, room, taken=chosen)


def passed_over(query: Query, hits: Sequence[Hit], embedder: Embedder) -> dict[str, PassedOver]:
    """Passage id → why ``gather`` took no sentence of it, for every passage of ``hits``, as if none had been taken."""
    _, rest = _apart(query, hits)
    found = {h.passage.id: PassedOver("not_asked" if _speaks_to(query, h) else "other_section") for h in hits}
    pool = candidates(rest)
    likely = _likely(query, pool, embedder)[0].tolist() if pool else []
    best: dict[str, float] = {}
    for candidate, probability in zip(pool, likely, strict=True):
        best[candidate.hit.passage.id] = max(best.get(candidate.hit.passage.id, 0.0), probability)
    least = _ASIDE * max(likely, default=0.0)
    for hit in rest:
        probability = best.get(hit.passage.id)
        low = probability is not None and probability < least
        found[hit.passage.id] = PassedOver("below_threshold" if low else "no_sentence_chosen", probability)
    return found


def _apart(query: Query, hits: Sequence[Hit]) -> tuple[list[Hit], list[Hit]]:
    """Articles that the question names, which come whole; passages of which the best sentences are looked for."""
    whole = [hit for hit in hits if hit.score >= EXACT_SCORE - 0.5]
    if whole and query.ask is Ask.ARTICLE_TEXT:
        return whole, []
    named = {identifier for reference in query.references for identifier in reference.document_ids}
    return whole, [h for h in hits if h not in whole and _speaks_to(query, h) and (not whole or h.document.id in named)]


def rested_on(
    query: Query, pointers: Sequence[Pointer], embedder: Embedder, taken: Sequence[Evidence], limit: int
) -> list[Evidence]:
    """The provisions that chosen sentences rest on: the 款 or 项 they name, else the sentence of the article nearest to theirs."""
    present = {(e.hit.document.id, e.unit.start) for e in taken}
    found: list[Evidence] = []
    for pointer in _of_use(query, pointers, embedder):
        # The sentence that opens a list says nothing without its items.
        telling = [unit for unit in units(pointer.hit.passage) if not unit.text.endswith("：")]
        pool = [unit for unit in telling if _pointed_at(unit, pointer)] or telling
        texts = [u.text for u in pool]
        vectors = embedder.embed_passages([pointer.sentence, *texts])
        unit = pool[int(np.argmax(vectors[1:] @ vectors[0] + np.asarray(shares_of(pointer.sentence, texts))))]
        if (pointer.hit.document.id, unit.start) not in present and len(found) < limit:
            present.add((pointer.hit.document.id, unit.start))
            found.append(Evidence(pointer.hit, unit, pointer.hit.score))
    return found


def _of_use(query: Query, pointers: Sequence[Pointer], embedder: Embedder) -> list[Pointer]:
    """Of a sentence that names many provisions, as those on penalties do, only the ones nearest to the question."""
    many = {source for source, count in Counter(pointer.source for pointer in pointers).items() if count > _MANY}
    if not many:
        return list(pointers)
    listed = [pointer for pointer in pointers if pointer.source in many]
    texts = [" ".join((p.hit.passage.topic or "", p.hit.passage.text)) for p in listed]
    cosines = sentence_vectors(texts, embedder) @ embedder.embed_passages([query.focus])[0]
    nearness = cosines + np.asarray(shares_of(query.focus, texts))
    kept: Counter[str] = Counter()
    near: list[Pointer] = []
    for position in np.argsort(-nearness, kind="stable"):
        pointer = listed[position]
        if kept[pointer.source] < _OF_MANY:
            kept[pointer.source] += 1
            near.append(pointer)
    return [pointer for pointer in pointers if pointer.source not in many or pointer in near]


def _pointed_at(unit: Unit, pointer: Pointer) -> bool:
    return (pointer.paragraph is None or unit.paragraph == pointer.paragraph) and (
        pointer.item is None or unit.item == pointer.item
    )


def _asked_text(query: Query, hit: Hit) -> list[Evidence]:
    """An article that the question names: the 款 and 项 it names, else all of it."""
    asked = [
        r for r in query.references if r.article == hit.passage.article and hit.passage.document_id in r.document_ids
    ]
    found = list(units(hit.passage))
    narrowed = [
        unit
        for reference in asked
        for unit in found
        if (reference.paragraph is None or unit.paragraph == reference.paragraph)
        and (reference.item is None or unit.item == reference.item)
        and (reference.paragraph or reference.item)
    ]
    return [Evidence(hit, unit, hit.score) for unit in (narrowed or found)[:MAX_ARTICLE_UNITS]]


def _best_sentences(
    query: Query, hits: Sequence[Hit], embedder: Embedder, limit: int, *, taken: Sequence[Evidence]
) -> list[Evidence]:
    pool = candidates(hits)
    if not pool:
        return []
    likely, vectors = _likely(query, pool, embedder)
    said = list(embedder.embed_passages([(e.unit.stem or "") + e.unit.text for e in taken])) if taken else []
    quota = _quota(query, limit)
    ranks = np.asarray([candidate.rank for candidate in pool])
    named = {identifier for reference in query.references for identifier in reference.document_ids}
    core = _CORE * float(likely.max())
    # Beside an article that the question names, nothing is shown aside.
    least = core if taken else _ASIDE * float(likely.max())
    documents: Counter[str] = Counter()
    passages: Counter[str] = Counter()
    found: list[Evidence] = []
    worth = likely.copy()
    while len(found) < limit and float(worth.max()) >= least:
        row = int(np.argmax(worth))
        worth[row] = -1.0
        hit, unit, score = pool[row].hit, pool[row].unit, float(likely[row])
        is_named = hit.document.id in named
        aside = score < core and not passages[hit.passage.id]
        full = documents[hit.document.id] >= quota or (passages[hit.passage.id] >= _OF_ONE_PASSAGE and not is_named)
        if full or (aside and _misleads(query, unit)) or any(float(vectors[row] @ v) > _REDUNDANT for v in said):
            continue
        if not aside:
            passages[hit.passage.id] += 1
        documents[hit.document.id] += 1
        said.append(vectors[row])
        found.append(Evidence(hit, unit, score, aside))
        if not is_named:
            worth[ranks == pool[row].rank] *= _SAME_PASSAGE
    return [announced for evidence in found for announced in _with_announced(evidence, found)]


def _misleads(query: Query, unit: Unit) -> bool:
    """Whether a sentence that is only perhaps of use has a figure, where a figure is asked for: a reader would take it for the answer."""
    return query.ask in (Ask.AMOUNT, Ask.TIME) and bool(SIGNALS[query.ask].search(unit.text))


def _likely(query: Query, pool: Sequence[Candidate], embedder: Embedder) -> tuple[Vectors, Vectors]:
    """How likely each candidate answers the question, shape ``(candidates,)``, and the candidates' vectors."""
    rows, vectors = features(query, pool, embedder)
    return _as_asked(query, pool, sentence_model().probability(rows)), vectors


def _as_asked(query: Query, pool: Sequence[Candidate], likely: Vectors) -> Vectors:
    """Probabilities, lowered beside what the question names; of several sources named, the best of each counts as much as the best of all."""
    named = {identifier for reference in query.references for identifier in reference.document_ids}
    if not named:
        return likely
    documents = np.asarray([candidate.hit.document.id for candidate in pool])
    likely = np.where(np.isin(documents, list(named)), likely, likely * _BESIDE_NAMED)
    if len(named & set(documents.tolist())) > 1:
        for identifier in named:
            of = documents == identifier
            if of.any():
                likely[of] *= float(likely.max()) / float(likely[of].max())
    return likely


def _with_announced(evidence: Evidence, others: Sequence[Evidence]) -> list[Evidence]:
    """A sentence that announces points (以下三点…) and those points."""
    announcement = _ANNOUNCED.search(evidence.unit.text)
    if not announcement:
        return [evidence]
    present = {other.unit.start for other in others}
    later = [unit for unit in units(evidence.hit.passage) if unit.start > evidence.unit.start]
    points = later[: to_int(announcement["count"]) or 0]
    return [
        evidence,
        *(Evidence(evidence.hit, unit, evidence.score) for unit in points if unit.start not in present),
    ]


def _quota(query: Query, limit: int) -> int:
    """Sentences of one document at most: where several are named, each gets its share."""
    named = {identifier for reference in query.references for identifier in reference.document_ids}
    return max(2, -(-limit // len(named))) if len(named) > 1 else limit


def _speaks_to(query: Query, hit: Hit) -> bool:
    """A judgment answers from the sections asked for and from what the court held and ordered; nothing else stands in for them."""
    if hit.document.kind is not Kind.JUDGMENT or hit.passage.section not in JUDGMENT_SECTIONS:
        return True
    return hit.passage.section in {*query.sections, "法院认为", "裁判结果"} or not query.sections
