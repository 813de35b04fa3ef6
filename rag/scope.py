"""Whether the corpus can be expected to answer a question: a small logistic model over the question and what was found."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.data import word_list
from rag.embed import Embedder, StaticEmbedder, Vectors
from rag.retrieve import Retrieved, coverage

SCOPE_PATH = Path(__file__).parent / "model" / "scope.json"
NEIGHBOURS_PATH = Path(__file__).parent / "model" / "scope-questions.npz"
NEAREST = 5
"""Known questions of either kind that a question is compared with."""


@dataclass(frozen=True, slots=True)
class ScopeModel:
    """Weights of the retrieval features (in the order of ``features``), of the nearest known questions, of the question's vector, and the
    intercept."""

    feature_weights: tuple[float, ...]
    neighbour_weights: tuple[float, ...]
    vector_weights: tuple[float, ...]
    intercept: float
    embedder: str


class KnownQuestions:
    """Vectors of questions that are known to be answerable, or not: shape ``(questions, dimension)``, as int8 shares of ``scale``."""

    def __init__(self, vectors: npt.NDArray[np.int8], answerable: npt.NDArray[np.bool_], scale: float) -> None:
        self._inside = vectors[answerable].astype(np.float32) * scale
        self._outside = vectors[~answerable].astype(np.float32) * scale

    @classmethod
    def load(cls, path: Path = NEIGHBOURS_PATH) -> KnownQuestions:
        with np.load(path) as stored:
            return cls(stored["vectors"], stored["answerable"], float(stored["scale"]))

    def neighbours(self, vector: Vectors, *, but_itself: bool = False) -> tuple[float, ...]:
        """Mean cosine of the ``NEAREST`` answerable and other questions, then the cosine of the nearest of each.

        ``but_itself``: a question equal to this one does not count, as in training.
        """
        found = []
        for known in (self._inside, self._outside):
            cosines = known @ vector
            if but_itself:
                cosines = cosines[cosines < _SAME]
            found.append(np.partition(cosines, -NEAREST)[-NEAREST:])
        return (*(float(best.mean()) for best in found), *(float(best.max()) for best in found))


_SAME = 0.999


def features(question: str, found: Retrieved) -> tuple[float, ...]:
    """What retrieval and vocabulary say of a question, in the order of the stored weights.

    Best cosine; best lexical and fused score; share of the question's bigrams in the three best passages, and in the index at all;
    words of the field, of law, and of elsewhere.
    """
    top = found.hits[:3]
    texts = " ".join(" ".join((hit.passage.text, *hit.passage.lay_questions)) for hit in top)
    fused = top[0].parts.get("fused", 0.0) if top else 0.0
    words = (_saturated(question, name) for name in ("terms_of_field", "terms_of_law", "terms_elsewhere"))
    return (found.best_dense, found.best_lexical, fused, coverage(question, texts), found.known_share, *words)


def _saturated(question: str, words: str) -> float:
    """How many words of a list stand in the question; three or more count as one."""
    folded = question.lower()
    return min(sum(word.lower() in folded for word in word_list(words)), 3) / 3


def in_scope_probability(question: str, found: Retrieved, embedder: Embedder) -> float:
    """0…1. With another embedder than the one the model was trained on, only the retrieval features speak."""
    model = load_scope_model()
    if model is None:
        return 1.0
    total = model.intercept + sum(w * x for w, x in zip(model.feature_weights, features(question, found), strict=True))
    if isinstance(embedder, StaticEmbedder) and embedder.fingerprint == model.embedder:
        vector = embedder.embed_query(question)
        near = known_questions().neighbours(vector)
        total += float(np.dot(_vector(model), vector))
        total += sum(w * x for w, x in zip(model.neighbour_weights, near, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def leaning(question: str, embedder: Embedder) -> float:
    """How much closer a question is to the nearest answerable questions that are known than to the nearest others; −1…1, 0 with another embedder."""
    model = load_scope_model()
    if model is None or not isinstance(embedder, StaticEmbedder) or embedder.fingerprint != model.embedder:
        return 0.0
    inside, outside, *_ = known_questions().neighbours(embedder.embed_query(question))
    return inside - outside


@lru_cache(maxsize=1)
def load_scope_model() -> ScopeModel | None:
    if not SCOPE_PATH.exists():
        return None
    stored = json.loads(SCOPE_PATH.read_text("utf-8"))
    return ScopeModel(
        tuple(stored["features"]),
        tuple(stored["neighbours"]),
        tuple(stored["vector"]),
        stored["intercept"],
        stored["embedder"],
    )


@lru_cache(maxsize=1)
def known_questions() -> KnownQuestions:
    return KnownQuestions.load()


@lru_cache(maxsize=1)
def _vector(model: ScopeModel) -> Vectors:
    return np.asarray(model.vector_weights, dtype=np.float32)
