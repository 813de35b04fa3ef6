"""Dense search in Chroma: one record for a passage's text and one for each lay question (问法) that stands under it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.embed import Vectors
from rag.errors import IndexUnavailable
from rag.types import DocumentMeta, Passage

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

COLLECTION = "passages"
_NEVER = 99991231
_BATCH = 2000


def open_client(path: Path) -> ClientAPI:
    with _without_command_line_of_httpx():
        import chromadb
    from chromadb.config import Settings as ChromaSettings

    return chromadb.PersistentClient(path=str(path), settings=ChromaSettings(anonymized_telemetry=False))


@contextmanager
def _without_command_line_of_httpx() -> Iterator[None]:
    """chromadb imports httpx, which loads its command line (click, rich, pygments) where it can: a tenth of every cold start."""
    name = "httpx._main"
    absent = name not in sys.modules
    if absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules[name]


class VectorIndex:
    """A Chroma collection with cosine distance."""

    def __init__(self, client: ClientAPI) -> None:
        self._client = client
        self._collection: Collection = client.get_collection(COLLECTION, embedding_function=None)

    @classmethod
    def create(cls, client: ClientAPI) -> VectorIndex:
        client.create_collection(
            COLLECTION,
            configuration={"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}},
            embedding_function=None,
        )
        return cls(client)

    def count(self) -> int:
        return self._collection.count()

    def add(self, records: Sequence[tuple[Passage, DocumentMeta, str, str]], vectors: Vectors) -> None:
        """Add (passage, document, record id, embedded text) with their vectors, one row each."""
        for start in range(0, len(records), _BATCH):
            batch = records[start : start + _BATCH]
            self._collection.upsert(
                ids=[identifier for _, _, identifier, _ in batch],
                embeddings=vectors[start : start + _BATCH],
                documents=[text for _, _, _, text in batch],
                metadatas=[
                    {
                        "passage": passage.id,
                        "document": meta.id,
                        "kind": meta.kind.value,
                        "from": _day(meta.valid_from) or 0,
                        "until": _day(meta.repealed) or _NEVER,
                    }
                    for passage, meta, _, _ in batch
                ],
            )

    def remove_documents(self, identifiers: Iterable[str]) -> None:
        for identifier in identifiers:
            self._collection.delete(where={"document": identifier})

    def search(
        self, vector: Vectors, k: int, *, as_of: dt.date | None = None, kinds: Sequence[str] = ()
    ) -> dict[str, float]:
        """Best cosine similarity of each passage among the ``k`` nearest records; -1…1, in falling order."""
        conditions: list[dict[str, Any]] = []
        if as_of is not None:
            day = _day(as_of)
            conditions += [{"from": {"$lte": day}}, {"until": {"$gt": day}}]
        if kinds:
            conditions.append({"kind": {"$in": list(kinds)}})
        where: Any = {"$and": conditions} if len(conditions) > 1 else (conditions[0] if conditions else None)
        try:
            found = self._collection.query(
                query_embeddings=vector[None, :], n_results=k, where=where, include=["metadatas", "distances"]
            )
        except Exception as error:  # Chroma's stores raise errors of their own when files vanish under them
            raise IndexUnavailable(
                "向量检索失败。",
                why=f"{type(error).__name__}: {error}",
                next_step="运行：python -m ingest --rebuild，然后重试。",
            ) from error
        metadatas, distances = found["metadatas"], found["distances"]
        best: dict[str, float] = {}
        if metadatas and distances:
            for metadata, distance in zip(metadatas[0], distances[0], strict=True):
                best.setdefault(str(metadata["passage"]), 1.0 - distance)
        return best


def records_of(passage: Passage, meta: DocumentMeta, text: str) -> list[tuple[Passage, DocumentMeta, str, str]]:
    """The records of one passage: its text under its own id, our digest of it under ``id?digest``, its lay questions under ``id?q1`` …"""
    found = [(passage, meta, passage.id, text)]
    if passage.digest:
        found.append((passage, meta, f"{passage.id}?digest", passage.digest))
    for number, question in enumerate(passage.lay_questions, start=1):
        found.append((passage, meta, f"{passage.id}?q{number}", question))
    return found


def _day(date: dt.date | None) -> int | None:
    return date.year * 10000 + date.month * 100 + date.day if date else None
