"""What the approximate index of Chroma misses: its nearest articles against those of an exact search over the same vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.bench.peers import article_chunks
from rag.embed import BUILTIN, Vectors, load_embedder
from rag.vectors import HNSW

KS = (10, 100)
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "Chroma's default": {"space": "cosine"},
    "this project's": dict(HNSW),
}
_BATCH = 2000


def recall_of_hnsw(documents: Path, store: Path, questions: Sequence[str]) -> dict[str, Any]:
    """For each configuration of the index, the mean share of the exact ``k`` nearest articles that it finds, by ``recall@k``."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    embedder = load_embedder(BUILTIN)
    vectors = embedder.embed_passages([text for text, _ in article_chunks(documents)])
    asked = np.vstack([embedder.embed_query(question) for question in questions])
    client = chromadb.PersistentClient(str(store), settings=ChromaSettings(anonymized_telemetry=False))
    depth = min(max(KS), len(vectors))
    exact = nearest(vectors, asked, depth)
    rows = {}
    for number, (name, configuration) in enumerate(CONFIGURATIONS.items()):
        collection: Any = client.create_collection(
            f"hnsw-{number}",
            configuration={"hnsw": configuration},  # type: ignore[arg-type]
            embedding_function=None,
        )
        for start in range(0, len(vectors), _BATCH):
            batch = vectors[start : start + _BATCH]
            collection.add(ids=[str(start + row) for row in range(len(batch))], embeddings=batch)
        found = collection.query(query_embeddings=asked, n_results=depth, include=[])["ids"]
        approximate = [[int(identifier) for identifier in row] for row in found]
        rows[name] = {f"recall@{k}": recall(approximate, exact, min(k, depth)) for k in KS}
    return {"questions": len(questions), "rows": rows}


def nearest(vectors: Vectors, asked: Vectors, k: int) -> list[list[int]]:
    """Rows of the ``k`` nearest unit vectors by cosine for each question, best first; vectors ``(n, d)``, questions ``(q, d)``."""
    return [np.argsort(-(vectors @ question), kind="stable")[:k].tolist() for question in asked]


def recall(found: Sequence[Sequence[int]], exact: Sequence[Sequence[int]], k: int) -> float:
    """Mean share of the first ``k`` of ``exact`` among the first ``k`` of ``found``."""
    shares = [len(set(f[:k]) & set(e[:k])) / k for f, e in zip(found, exact, strict=True)]
    return round(float(np.mean(shares)), 4)
