"""Whether the corpus can be expected to answer a question: a small logistic model over the question and what was found."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from rag.data import word_list
from rag.embed import Embedder, StaticEmbedder, Vectors
from rag.retrieve import Retrieved, coverage

SCOPE_PATH = Path(__file__).parent / "model" / "scope.json"


@dataclass(frozen=True, slots=True)
class ScopeModel:
    """Weights of the retrieval features (in the order of ``features``), of the question's vector, and the intercept."""

    feature_weights: tuple[float, ...]
    vector_weights: tuple[float, ...]
    intercept: float
    embedder: str


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
        total += float(np.dot(_vector(model), embedder.embed_query(question)))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@lru_cache(maxsize=1)
def load_scope_model() -> ScopeModel | None:
    if not SCOPE_PATH.exists():
        return None
    stored = json.loads(SCOPE_PATH.read_text("utf-8"))
    return ScopeModel(tuple(stored["features"]), tuple(stored["vector"]), stored["intercept"], stored["embedder"])


@lru_cache(maxsize=1)
def _vector(model: ScopeModel) -> Vectors:
    return np.asarray(model.vector_weights, dtype=np.float32)
