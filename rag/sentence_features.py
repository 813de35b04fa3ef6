"""What tells whether a sentence of a found passage answers the question: how near it is, where it stands, what it holds."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.embed import Embedder, Vectors
from rag.lexical import query_terms, terms
from rag.pinpoint import units
from rag.sentence_vectors import sentence_vectors
from rag.types import Hit, Kind, Unit
from rag.understand import Ask, Query

SIGNALS: dict[Ask, re.Pattern[str]] = {
    Ask.AMOUNT: re.compile(
        r"[\d,，.]+\s*(?:万|亿)?(?:元|倍|欧元|美元|%)|[一二三四五六七八九十百千万]+(?:倍|元)|million|percent"
    ),
    Ask.TIME: re.compile(r"\d{4}年|\d+日|[一二三四五六七八九十]+(?:年|日|个月|个工作日)|施行|届满|终生"),
    Ask.DEFINITION: re.compile(r"，是?指|是指|，是(?!否)|含义|所称"),
    Ask.LIABILITY: re.compile(r"承担|赔偿|责任|罚款|侵权|过错|停止侵害"),
    Ask.LIST: re.compile(r"包括|下列|如下|以下"),
    Ask.PROCEDURE: re.compile(r"应当|可以|通知|提交|提供|采取|申请|起诉|保存"),
}
"""What a sentence has that gives the kind of answer asked for."""
_YES_OR_NO = re.compile(
    r"吗|能不能|可不可以|是不是|算不算|会不会|要不要|行不行|是否|能否|用不用|有没有|违不违|该不该|嘛|不[？?]?$"
)
_CONCLUSION = re.compile(r"不?构成|不得|可以|应当|不?承担|有权|不?属于|不能|不予|不需要|驳回|支持|认定|不?侵害")
_WHY = re.compile(r"为什么|为啥|理由|怎么认定|怎么看|凭什么|why", re.IGNORECASE)
_BECAUSE = re.compile(r"因为|因此|因而|所以|由于|依据|没有|认为")
_SPOKEN_BY_COURT = re.compile(r"法院(?:认为|认定)")
_SECTIONS = {
    "法院认为": "view",
    "裁判结果": "disposition",
    "后续": "aftermath",
    "当事人": "parties",
    "争议焦点": "issues",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a found passage; ``rank`` is the passage's, from 0."""

    hit: Hit
    unit: Unit
    rank: int

    @property
    def text(self) -> str:
        """The sentence with the one that introduces its list."""
        return (self.unit.stem or "") + self.unit.text


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """Every sentence of the passages, in their order."""
    return [
        Candidate(hit, unit, rank)
        for rank, hit in enumerate(hits)
        for unit in units(hit.passage)
        if len(unit.text) > 4 and not unit.text.endswith("：")
    ]


def features(query: Query, found: Sequence[Candidate], embedder: Embedder) -> tuple[Vectors, Vectors]:
    """A row of features for every candidate, shape ``(candidates, len(FEATURES))``, and their vectors, ``(candidates, dimension)``."""
    texts = [candidate.text for candidate in found]
    vectors = sentence_vectors(texts, embedder)
    focus, text = embedder.embed_passages([query.focus, query.text])
    cosines, overlaps = vectors @ focus, np.asarray(shares_of(query.focus, texts), dtype=np.float32)
    ranks = np.asarray([candidate.rank for candidate in found])
    best_of = {rank: (cosines[ranks == rank].max(), overlaps[ranks == rank].max()) for rank in set(ranks.tolist())}
    counts = Counter(ranks.tolist())
    top = max((_fused(candidate.hit) for candidate in found), default=1.0) or 1.0
    named = {identifier for reference in query.references for identifier in reference.document_ids}
    seen: Counter[int] = Counter()
    rows = []
    for row, candidate in enumerate(found):
        best_cosine, best_overlap = best_of[candidate.rank]
        position = seen[candidate.rank] / max(counts[candidate.rank] - 1, 1)
        seen[candidate.rank] += 1
        values = _of_passage(candidate, top, named, query) | _of_sentence(candidate.unit, query)
        values |= {
            "cosine": float(cosines[row]),
            "cosine_of_text": float(vectors[row] @ text),
            "overlap": float(overlaps[row]),
            "cosine_in_passage": float(cosines[row] - best_cosine),
            "overlap_in_passage": float(overlaps[row] - best_overlap),
            "position": position,
            "sentences": math.log(counts[candidate.rank]),
        }
        rows.append([values[name] for name in FEATURES])
    return np.asarray(rows, dtype=np.float32).reshape(len(rows), len(FEATURES)), vectors


FEATURES = (
    *("rank", "first", "fused", "relative", "exact", "named", "beside", "judgment", "paper", "foreign", "asked"),
    *_SECTIONS.values(),
    *("item", "signal", "concludes", "reasons", "conclusion", "court", "number", "single", "length"),
    *("cosine", "cosine_of_text", "overlap", "cosine_in_passage", "overlap_in_passage", "position", "sentences"),
)


def _of_passage(candidate: Candidate, top: float, named: set[str], query: Query) -> dict[str, float]:
    hit, section = candidate.hit, candidate.hit.passage.section
    is_named = hit.document.id in named
    return {
        "rank": float(candidate.rank),
        "first": 1 / (1 + candidate.rank),
        "fused": _fused(hit),
        "relative": _fused(hit) / top,
        "exact": float("exact" in hit.parts),
        "named": float(is_named),
        "beside": float(bool(named) and not is_named),
        "judgment": float(hit.document.kind is Kind.JUDGMENT),
        "paper": float(hit.document.kind is Kind.PAPER),
        "foreign": float(hit.document.jurisdiction != "CN"),
        "asked": float(section in query.sections),
        **{name: float(section == title) for title, name in _SECTIONS.items()},
    }


def _of_sentence(unit: Unit, query: Query) -> dict[str, float]:
    signal = SIGNALS.get(query.ask)
    return {
        "item": float(unit.item is not None),
        "signal": float(bool(signal and signal.search(unit.text))),
        "concludes": float(bool(_YES_OR_NO.search(query.text)) and bool(_CONCLUSION.search(unit.text))),
        "reasons": float(bool(_WHY.search(query.text)) and bool(_BECAUSE.search(unit.text))),
        "conclusion": float(bool(_CONCLUSION.search(unit.text))),
        "court": float(bool(_SPOKEN_BY_COURT.search(unit.text))),
        "number": float(any(character.isdigit() for character in unit.text)),
        "single": float("单一来源" in unit.text),
        "length": math.log(len(unit.text)),
    }


def _fused(hit: Hit) -> float:
    return hit.parts.get("fused", hit.score)


def shares_of(asked: str, texts: Sequence[str]) -> list[float]:
    """Share of the question's bigrams that stand in each text, weighted by how few of the texts have them; 0…1."""
    wanted = {term for term in query_terms(asked) if len(term) > 1}
    present = [wanted & set(terms(text)) for text in texts]
    count = Counter(term for found in present for term in found)
    weights = {term: math.log(1 + len(texts) / (1 + count[term])) for term in wanted}
    total = sum(weights.values())
    return [sum(weights[term] for term in found) / total if total else 0.0 for found in present]
