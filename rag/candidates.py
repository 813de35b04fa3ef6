"""Search proper: dense in Chroma and lexical by BM25, fused with what is known of passages and of their documents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.catalog import Catalog
from rag.index import Index
from rag.settings import Settings
from rag.types import Kind
from rag.understand import Query

_BACKGROUND = {"当事人": 0.1, "案情": 0.08, "原告主张": 0.06, "争议焦点": 0.05, "被告抗辩": 0.04}
"""What sections of a judgment lose where a question does not ask for them: what was held and ordered answers most of them."""
_FEW_OUT = 0.2
"""Share of the documents up to which those that may not be used are dropped after the vector search."""
_DEPTH = 10
"""Candidates of each kind for every passage wanted."""
_UNSEEN = 0.9
"""Similarity of a passage that only words found, as a share of the least among those that the vectors found."""
_LEXICAL_SATURATION = 0.5
"""Share of a question's BM25 mass that a passage must carry to count as a full lexical match."""
_TOLD_APART = 6
"""Decimals of a fused score: smaller differences are rounding errors of the vector search."""
_AUTHORITY_STEP = 1e-5
"""What a rank of authority weighs: it decides between passages that are equally relevant, and nothing else."""
_RANKS = {kind: rank for rank, kind in enumerate(reversed(Kind), start=1)}

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages that search found, by position, with the parts of their scores; all arrays have shape ``(candidates,)``."""

    catalog: Catalog
    positions: Positions
    dense: Floats
    lexical: Floats
    fused: Floats
    score: Floats

    @property
    def best_dense(self) -> float:
        return float(self.dense.max(initial=0.0))

    @property
    def best_lexical(self) -> float:
        return float(self.lexical.max(initial=0.0))

    def parts(self, k: int, named: set[str]) -> dict[int, dict[str, float]]:
        """The parts of the scores of the ``k`` best, and of all in the ``named`` documents."""
        chosen = np.zeros(len(self.positions), dtype=bool)
        chosen[np.argsort(-self.score, kind="stable")[:k]] = True
        numbers = [number for number, document in enumerate(self.catalog.documents) if document in named]
        chosen |= np.isin(self.catalog.document_numbers[self.positions], numbers)
        rows = zip(
            *(a[chosen].tolist() for a in (self.positions, self.dense, self.lexical, self.fused, self.score)),
            strict=True,
        )
        return {
            position: {"dense": round(dense, 4), "lexical": round(lexical, 4), "fused": fused, "score": score}
            for position, dense, lexical, fused, score in rows
        }


def find_candidates(query: Query, index: Index, settings: Settings, kinds: tuple[Kind, ...], k: int = 10) -> Candidates:
    """What dense and lexical search find among the passages in force on ``query.as_of``; more where more are wanted (``k``).

    The fused score is convex, ``w · cosine + (1 - w) · share of the question's BM25 mass``, both in 0…1, plus what is known of the
    passage beforehand. The score is the weighted mean of it and of the best fused score in the passage's document, which tells which
    law a question is about.
    """
    catalog = index.catalog
    usable = catalog.usable(query.as_of, kinds)
    dense_positions, similarities = _dense(query, index, max(settings.dense_candidates, _DEPTH * k), usable, kinds)
    ceiling = max(1e-6, index.lexical.ceiling(query.text) * _LEXICAL_SATURATION)
    matched = np.minimum(index.lexical.scores(query.text) / ceiling, 1.0)
    worded = _top(matched, max(settings.lexical_candidates, _DEPTH * k))
    worded = worded[(matched[worded] > 0) & usable[catalog.document_numbers[worded]]]
    worded = worded[~np.isin(worded, dense_positions)]
    positions = np.concatenate([dense_positions, worded])
    dense = np.concatenate([similarities, np.full(len(worded), _UNSEEN * similarities.min(initial=1.0))])
    lexical = matched[positions].astype(np.float64)
    fused = np.round(
        settings.dense_weight * np.maximum(dense, 0.0)
        + (1 - settings.dense_weight) * lexical
        + settings.prior_weight * index.prior[positions]
        - _background(query, catalog, positions),
        _TOLD_APART,
    )
    score = _with_document(fused, catalog.document_numbers[positions], settings.document_weight)
    return Candidates(catalog, positions, dense, lexical, fused, score + _authority(catalog, positions))


def _dense(
    query: Query, index: Index, k: int, usable: npt.NDArray[np.bool_], kinds: tuple[Kind, ...]
) -> tuple[Positions, Floats]:
    """The nearest usable passages. Where few documents are out, dropping them here is faster than a filter in the store."""
    catalog, vector = index.catalog, index.embedder.embed_query(query.text)
    out = 1.0 - usable.mean() if len(usable) else 0.0
    if out > _FEW_OUT:
        nearest = index.vectors.search(vector, k, as_of=query.as_of, kinds=[kind.value for kind in kinds])
    else:
        nearest = index.vectors.search(vector, 2 * k if out else k)
    positions = np.asarray([catalog.positions[identifier] for identifier in nearest], dtype=np.int64)
    kept = usable[catalog.document_numbers[positions]] if len(positions) else np.zeros(0, dtype=bool)
    return positions[kept], np.asarray(list(nearest.values()), dtype=np.float64)[kept]


def _background(query: Query, catalog: Catalog, positions: Positions) -> Floats:
    """What each passage loses for the section of a judgment that it is."""
    losses = {name: loss for name, loss in _BACKGROUND.items() if name not in query.sections}
    return np.asarray([losses.get(catalog.section_at(position) or "", 0.0) for position in positions.tolist()])


def _with_document(fused: Floats, documents: Positions, weight: float) -> Floats:
    """The weighted mean of each score and the best one in the same document."""
    best = np.full(int(documents.max(initial=0)) + 1, -np.inf)
    np.maximum.at(best, documents, fused)
    mean: Floats = (fused + weight * best[documents]) / (1 + weight)
    return mean


def _authority(catalog: Catalog, positions: Positions) -> Floats:
    ranks = [_RANKS[catalog.metas[catalog.document_id_at(position)].kind] for position in positions.tolist()]
    return _AUTHORITY_STEP * np.asarray(ranks, dtype=np.float64)


def _top(scores: npt.NDArray[np.float32], k: int) -> Positions:
    """Positions of the ``k`` highest scores, highest first."""
    if k >= len(scores):
        return np.argsort(-scores, kind="stable")
    chosen = np.argpartition(-scores, k)[:k]
    return chosen[np.argsort(-scores[chosen], kind="stable")]
