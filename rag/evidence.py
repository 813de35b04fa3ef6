"""From passages to evidence: which sentences of them answer the question."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.embed import Embedder
from rag.lexical import query_terms, terms
from rag.numerals import CHINESE_DIGITS, to_int
from rag.pinpoint import units
from rag.pointers import Pointer
from rag.retrieve import EXACT_SCORE
from rag.types import Hit, Kind, Unit
from rag.understand import JUDGMENT_SECTIONS, Ask, Query

MAX_ARTICLE_UNITS = 60
"""Units of an article that a question about its text gets in full."""
_PASSAGE_WEIGHT = 0.4
"""What the score of its passage counts towards the score of a sentence."""
_NEAR_BEST = 0.75
"""A sentence is used when its score is at least this share of the best one's."""
_REDUNDANT = 0.92
"""Cosine above which a sentence says again what a chosen one says."""

_SIGNALS: dict[Ask, re.Pattern[str]] = {
    Ask.AMOUNT: re.compile(
        r"[\d,，.]+\s*(?:万|亿)?(?:元|倍|欧元|美元|%)|[一二三四五六七八九十百千万]+(?:倍|元)|million|percent"
    ),
    Ask.TIME: re.compile(r"\d{4}年|\d+日|[一二三四五六七八九十]+(?:年|日|个月|个工作日)|施行|届满|终生"),
    Ask.DEFINITION: re.compile(r"，是?指|是指|，是(?!否)|含义|所称"),
    Ask.LIABILITY: re.compile(r"承担|赔偿|责任|罚款|侵权|过错|停止侵害"),
    Ask.LIST: re.compile(r"包括|下列|如下|以下"),
}
_SIGNAL_BONUS = 0.12
_ANNOUNCED = re.compile(rf"(?:以下|下列|如下)(?P<count>[{CHINESE_DIGITS}]{{1,2}})[点项个]")
_ROLE_BONUS = {"法院认为": 0.08, "裁判结果": 0.06, "争议焦点": -0.1, "后续": -0.1, "当事人": -0.1}
_ROLE_ASKED_BONUS = 0.15
_BESIDE_THE_NAMED = 0.35
"""What a sentence loses that is not from a source the question names."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a source, chosen for this question, and how well it fits (higher is better; exact look-ups above 1)."""

    hit: Hit
    unit: Unit
    score: float


def gather(query: Query, hits: Sequence[Hit], embedder: Embedder, limit: int) -> list[Evidence]:
    """The sentences that answer the question, best first, redundancy removed; articles that it names come whole."""
    whole = [hit for hit in hits if hit.score >= EXACT_SCORE - 0.5]
    chosen = [evidence for hit in whole for evidence in _asked_text(query, hit)]
    if whole and query.ask is Ask.ARTICLE_TEXT:
        return chosen
    rest = [hit for hit in hits if hit not in whole and _speaks_to(query, hit)]
    room = max(limit - len(chosen), 2) if whole else limit
    return chosen + _best_sentences(query, rest, embedder, room, taken=chosen)


def rested_on(pointers: Sequence[Pointer], embedder: Embedder, taken: Sequence[Evidence], limit: int) -> list[Evidence]:
    """The provisions that chosen sentences rest on: the 款 or 项 they name, else the sentence of the article nearest to theirs."""
    present = {(e.hit.document.id, e.unit.start) for e in taken}
    found: list[Evidence] = []
    for pointer in pointers:
        # The sentence that opens a list says nothing without its items.
        telling = [unit for unit in units(pointer.hit.passage) if not unit.text.endswith("：")]
        candidates = [unit for unit in telling if _pointed_at(unit, pointer)] or telling
        texts = [u.text for u in candidates]
        vectors = embedder.embed_passages([pointer.sentence, *texts])
        unit = candidates[int(np.argmax(vectors[1:] @ vectors[0] + np.asarray(_overlaps(pointer.sentence, texts))))]
        if (pointer.hit.document.id, unit.start) not in present and len(found) < limit:
            present.add((pointer.hit.document.id, unit.start))
            found.append(Evidence(pointer.hit, unit, pointer.hit.score))
    return found


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
    candidates = [(hit, unit) for hit in hits for unit in units(hit.passage) if len(unit.text) > 4]
    if not candidates:
        return []
    texts = [(unit.stem or "") + unit.text for _, unit in candidates]
    matrix = embedder.embed_passages([*texts, query.focus, *((e.unit.stem or "") + e.unit.text for e in taken)])
    vectors, asked, chosen_vectors = matrix[: len(texts)], matrix[len(texts)], list(matrix[len(texts) + 1 :])
    roles = query.sections
    overlaps = _overlaps(query.focus, texts)
    scored = []
    for row, (hit, unit) in enumerate(candidates):
        # All sections of a named judgment are about it: which of them matched best says little.
        weight = _PASSAGE_WEIGHT if not hit.parts.get("named") else _PASSAGE_WEIGHT / 2
        fit = (
            weight * hit.parts.get("fused", hit.score)
            + 0.45 * max(float(vectors[row] @ asked), 0.0)
            + 0.5 * overlaps[row]
        )
        scored.append((fit + _bonus(query, hit, unit, roles), row))
    scored = _answering(query, [candidates[row][1] for row in range(len(candidates))], scored)
    best, quota = scored[0][0], _quota(query, limit)
    used: Counter[str] = Counter()
    first = next((pair for pair in scored if candidates[pair[1]][0] is hits[0]), None)
    found: list[Evidence] = []
    for score, row in scored:
        document = candidates[row][0].document.id
        fits = score >= _NEAR_BEST * best or (first is not None and row == first[1])
        if len(found) >= limit or not fits:
            continue
        if used[document] >= quota or any(float(vectors[row] @ other) > _REDUNDANT for other in chosen_vectors):
            continue
        used[document] += 1
        chosen_vectors.append(vectors[row])
        found.append(Evidence(*candidates[row], score))
    return [announced for evidence in found for announced in _with_announced(evidence, found)]


def _answering(query: Query, found: Sequence[Unit], scored: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """Candidates in falling order; a question for an amount or a date keeps only sentences that have one, where good ones do."""
    scored = sorted(scored, key=lambda pair: (-pair[0], pair[1]))
    if query.ask in (Ask.AMOUNT, Ask.TIME):
        fitting = [pair for pair in scored if _SIGNALS[query.ask].search(found[pair[1]].text)]
        if fitting and fitting[0][0] >= _NEAR_BEST * scored[0][0]:
            return fitting
    return scored


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


def _overlaps(asked: str, texts: Sequence[str]) -> list[float]:
    """Share of the question's bigrams that stand in each text, weighted by how few of the texts have them; 0…1."""
    wanted = {term for term in query_terms(asked) if len(term) > 1}
    present = [wanted & set(terms(text)) for text in texts]
    count = Counter(term for found in present for term in found)
    weights = {term: math.log(1 + len(texts) / (1 + count[term])) for term in wanted}
    total = sum(weights.values())
    return [sum(weights[term] for term in found) / total if total else 0.0 for found in present]


def _quota(query: Query, limit: int) -> int:
    """Sentences of one document at most: where several are named, each gets its share."""
    named = {identifier for reference in query.references for identifier in reference.document_ids}
    return max(2, -(-limit // len(named))) if len(named) > 1 else limit


def _speaks_to(query: Query, hit: Hit) -> bool:
    """A judgment answers from the sections asked for and from what the court held and ordered; nothing else stands in for them."""
    if hit.document.kind is not Kind.JUDGMENT or hit.passage.section not in JUDGMENT_SECTIONS:
        return True
    return hit.passage.section in {*query.sections, "法院认为", "裁判结果"} or not query.sections


def _bonus(query: Query, hit: Hit, unit: Unit, roles: Sequence[str]) -> float:
    bonus = 0.0
    signal = _SIGNALS.get(query.ask)
    if signal and signal.search(unit.text):
        bonus += _SIGNAL_BONUS
    if hit.document.kind is Kind.JUDGMENT:
        section = hit.passage.section or ""
        bonus += _ROLE_BONUS.get(section, 0.0)
        if section in roles:
            bonus += _ROLE_ASKED_BONUS
    named = {identifier for reference in query.references for identifier in reference.document_ids}
    if named and hit.document.id not in named:
        bonus -= _BESIDE_THE_NAMED
    if hit.document.kind is Kind.PAPER and hit.document.id not in named:
        bonus += _ROLE_ASKED_BONUS if query.ask is Ask.PAPER else -0.1
    return bonus
