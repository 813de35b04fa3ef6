"""Vectors of sentences that have been asked about before: the same ones come up again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.embed import Embedder, Vectors

MAX_KEPT = 20_000
"""Sentences whose vectors are kept (384 numbers each: 30 MB); then all are forgotten."""
_kept: dict[tuple[str, str], Vectors] = {}


def forget_sentences() -> None:
    """Forget all sentences and their vectors."""
    _kept.clear()


def sentence_vectors(texts: Sequence[str], embedder: Embedder) -> Vectors:
    """Unit vectors of sentences of sources, shape ``(len(texts), dimension)``; only those not seen lately are embedded."""
    keys = [(embedder.fingerprint, text) for text in texts]
    known = {key: vector for key in dict.fromkeys(keys) if (vector := _kept.get(key)) is not None}
    missing = [key for key in dict.fromkeys(keys) if key not in known]
    if missing:
        if len(_kept) + len(missing) > MAX_KEPT:
            _kept.clear()
        embedded = embedder.embed_passages([text for _, text in missing])
        for key, vector in zip(missing, embedded, strict=True):
            known[key] = _kept[key] = vector
    return np.stack([known[key] for key in keys]) if keys else embedder.embed_passages([])
