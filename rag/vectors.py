"""Dense search in Chroma: one record for a passage's text and one for each lay question (问法) that stands under it.

The collection lies in a folder of this machine, on a Chroma server or in Chroma Cloud; reading and writing it is the same everywhere.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from rag.embed import Vectors
from rag.errors import IndexUnavailable
from rag.settings import Settings
from rag.types import DocumentMeta, Passage

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import QueryResult

COLLECTION = "passages"
HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_construction": 150, "ef_search": 500, "max_neighbors": 24}
"""Graph parameters for a recall of 0.99 among the first 100 at 65,000 vectors; measured by ``make bench``."""
_NEVER = 99991231
_CLOUD = "trychroma.com"
_PART = re.compile(r"\?(?:digest|q\d+)$")


@dataclass(frozen=True, slots=True)
class Limits:
    """Records of one request, written or read; records found; bytes of an id."""

    page: int
    found: int
    id: int = 1_000_000


EMBEDDED = Limits(page=2000, found=10_000)
SERVER = Limits(page=300, found=10_000)
CLOUD = Limits(page=300, found=300, id=128)
"""Chroma Cloud's quotas."""


@dataclass(frozen=True, slots=True)
class Record:
    """One vector's text and what it belongs to. ``part``: ``text`` of the passage, our ``digest`` of it, or a lay question, ``q1`` …

    ``place`` is what a reader without our catalog needs to rebuild the passage from.
    """

    text: str
    passage: Passage
    document: DocumentMeta
    part: str = "text"
    place: str | None = None

    @property
    def id(self) -> str:
        """The passage's own id for its text, ``id?part`` for its helpers."""
        return self.passage.id if self.part == "text" else f"{self.passage.id}?{self.part}"


_CLIENTS = threading.RLock()
"""Held while a client is made or let go: Chroma shares them between threads before they are ready."""


def open_client(path: Path) -> ClientAPI:
    """The Chroma that lies in a folder."""
    with _without_command_line_of_httpx():
        import chromadb
    from chromadb.config import Settings as ChromaSettings

    with _CLIENTS:
        return chromadb.PersistentClient(path=str(path), settings=ChromaSettings(anonymized_telemetry=False))


def close_under(folder: Path) -> None:
    """Let go of every Chroma in ``folder``, which keeps them, and their files, open for as long as the program runs."""
    from chromadb.api.shared_system_client import SharedSystemClient

    systems = SharedSystemClient._identifier_to_system
    with _CLIENTS:
        for identifier in [name for name in list(systems) if Path(name).is_relative_to(folder)]:
            SharedSystemClient._identifier_to_refcount.pop(identifier, None)
            systems.pop(identifier).stop()


def connect(settings: Settings) -> tuple[ClientAPI, Limits]:
    """The Chroma server or Cloud at ``settings.chroma_url``, and how much it takes at once.

    Raises:
        IndexUnavailable: it cannot be reached or turns us away.
    """
    with _without_command_line_of_httpx():
        import chromadb
    from chromadb.config import Settings as ChromaSettings

    url, token = urlsplit(settings.chroma_url), settings.chroma_token.get_secret_value()
    secure = url.scheme == "https"
    with reaching(settings.chroma_url):
        import httpx

        # chromadb's client waits without end for a server that takes the connection and says nothing.
        httpx.get(
            f"{settings.chroma_url.rstrip('/')}/api/v2/heartbeat", timeout=settings.chroma_timeout
        ).raise_for_status()
        client = chromadb.HttpClient(
            host=url.hostname or "",
            port=url.port or (443 if secure else 8000),
            ssl=secure,
            headers={"X-Chroma-Token": token} if token else {},
            tenant=settings.chroma_tenant,
            database=settings.chroma_database,
            settings=ChromaSettings(anonymized_telemetry=False),
        )
        _bound_waiting(client, settings.chroma_timeout)
    return client, CLOUD if (url.hostname or "").endswith(_CLOUD) else SERVER


def _bound_waiting(client: ClientAPI, seconds: float) -> None:
    """The same for every later request: chromadb has no setting for it."""
    session = getattr(getattr(client, "_server", None), "_session", None)
    if session is not None:
        session.timeout = seconds


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Errors of a server, as ours."""
    try:
        yield
    except IndexUnavailable:
        raise
    except (
        Exception
    ) as error:  # chromadb passes on httpx's errors, its own, and ValueError for a server that is not there
        raise IndexUnavailable(
            f"Chroma 服务器 {url} 无法使用。",
            why=f"{type(error).__name__}: {error}",
            next_step="确认服务器在运行、AIGC_LAW_CHROMA_URL 与 AIGC_LAW_CHROMA_TOKEN 正确；去掉 AIGC_LAW_CHROMA_URL 则使用本机索引。",
            code="server_unusable",
            url=url,
        ) from error


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

    def __init__(self, client: ClientAPI, name: str = COLLECTION, limits: Limits = EMBEDDED) -> None:
        self._limits = limits
        self._collection: Collection = client.get_collection(name, embedding_function=None)

    @classmethod
    def create(cls, client: ClientAPI, name: str = COLLECTION, limits: Limits = EMBEDDED) -> VectorIndex:
        client.create_collection(name, configuration={"hnsw": HNSW}, embedding_function=None)
        return cls(client, name, limits)

    def key(self, identifier: str) -> str:
        """A record's id as it is stored: shortened where the server would refuse its length."""
        return (
            identifier
            if len(identifier.encode()) <= self._limits.id
            else hashlib.sha256(identifier.encode()).hexdigest()
        )

    def count(self) -> int:
        return self._collection.count()

    def ids(self) -> set[str]:
        """Stored ids of all records (``key``)."""
        return {identifier for page in self.pages([]) for identifier in page["ids"]}

    def pages(self, include: Sequence[str]) -> Iterator[dict[str, Any]]:
        """All records, page by page, with what is to be included (``embeddings``, ``metadatas``)."""
        offset = 0
        while True:
            page: Any = self._collection.get(limit=self._limits.page, offset=offset, include=list(include))  # type: ignore[arg-type]
            if not page["ids"]:
                return
            yield page
            offset += len(page["ids"])

    def embeddings(self, ids: Sequence[str]) -> Vectors:
        """The vectors of these records, in their order, shape ``(len(ids), dimension)``."""
        found: dict[str, Any] = {}
        keys = [self.key(identifier) for identifier in ids]
        for start in range(0, len(keys), self._limits.page):
            page: Any = self._collection.get(ids=keys[start : start + self._limits.page], include=["embeddings"])
            found.update(zip(page["ids"], page["embeddings"], strict=True))
        return np.asarray([found[key] for key in keys], dtype=np.float32)

    def add(self, records: Sequence[Record], vectors: Vectors) -> None:
        """Add records with their vectors, one row each.

        Texts stay out of Chroma: it would index every one of them for its own text search, which takes longer than all else.
        """
        for start in range(0, len(records), self._limits.page):
            batch = records[start : start + self._limits.page]
            self._collection.upsert(
                ids=[self.key(record.id) for record in batch],
                embeddings=vectors[start : start + self._limits.page],
                metadatas=[_metadata(record) for record in batch],
            )

    def copy_from(self, other: VectorIndex, *, without: set[str]) -> None:
        """Take over the records of another collection, those of some documents left out."""
        for page in other.pages(["embeddings", "metadatas"]):
            kept = [row for row, metadata in enumerate(page["metadatas"]) if metadata["document"] not in without]
            if kept:
                self._collection.upsert(
                    ids=[page["ids"][row] for row in kept],
                    embeddings=[page["embeddings"][row] for row in kept],
                    metadatas=[page["metadatas"][row] for row in kept],
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
                query_embeddings=vector[None, :],
                n_results=min(k, self._limits.found),
                where=where,
                include=["distances"] if self._ids_tell else ["distances", "metadatas"],
            )
        except (
            Exception
        ) as error:  # Chroma's stores raise errors of their own when files or collections vanish under them
            raise IndexUnavailable(
                "向量检索失败。",
                why=f"{type(error).__name__}: {error}",
                next_step="索引在本机时运行：python -m ingest --rebuild；在服务器上时确认服务器在运行，然后重试。",
                code="search_failed",
            ) from error
        best: dict[str, float] = {}
        for passage, distance in zip(self._passages_of(found), (found["distances"] or [[]])[0], strict=True):
            best.setdefault(passage, 1.0 - distance)
        return best

    @property
    def _ids_tell(self) -> bool:
        """Whether a record's id names its passage; else its metadata do, which take longer to read."""
        return self._limits.id >= EMBEDDED.id

    def _passages_of(self, found: QueryResult) -> list[str]:
        if self._ids_tell:
            return [_PART.sub("", identifier) for identifier in found["ids"][0]]
        return [str(metadata["passage"]) for metadata in (found["metadatas"] or [[]])[0]]


def records_of(passage: Passage, meta: DocumentMeta, text: str) -> list[Record]:
    """The records of one passage: its text, our digest of it, its lay questions."""
    found = [Record(text, passage, meta)]
    if passage.digest:
        found.append(Record(passage.digest, passage, meta, "digest"))
    for number, question in enumerate(passage.lay_questions, start=1):
        found.append(Record(question, passage, meta, f"q{number}"))
    return found


def _metadata(record: Record) -> dict[str, Any]:
    meta = record.document
    metadata: dict[str, Any] = {
        "passage": record.passage.id,
        "document": meta.id,
        "kind": meta.kind.value,
        "from": _day(meta.valid_from) or 0,
        "until": _day(meta.repealed) or _NEVER,
    }
    return metadata if record.place is None else {**metadata, "place": record.place}


def _day(date: dt.date | None) -> int | None:
    return date.year * 10000 + date.month * 100 + date.day if date else None
