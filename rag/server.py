"""An index on a Chroma server or in Chroma Cloud, served to any number of app processes that keep nothing of their own.

``NAME`` (from the settings) is an empty collection whose metadata are the manifest; ``NAME-GENERATION`` holds the vectors, with all that
passages are rebuilt from, and ``NAME-GENERATION-sources`` the documents, cut into pieces that any server takes. What else a reader needs
(catalog, BM25, priors) is derived from these and kept in the index folder of its machine, one folder a generation.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock

from rag.embed import Vectors
from rag.errors import IndexUnavailable
from rag.settings import Settings
from rag.store import Content, Manifest, State, drop_folders_but, generation_path, manifest_of, write_files
from rag.types import Document, DocumentMeta, Passage
from rag.vectors import Limits, Record, VectorIndex, connect, reaching

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

_PIECE = 4000
"""Characters of a piece of a document: at most 16,000 bytes, less than any server's limit."""
_ABANDONED = 24 * 3600
"""Seconds after which a generation that was never completed counts as given up."""
_GENERATION = re.compile(r"([0-9a-f]{12}(?:\.\d+)?)(?:-sources)?")
_PLACE = ("start", "end", "headings", "article", "section", "topic", "note", "paragraph_offset")


def portable(record: Record, prior: float | None) -> Record:
    """A record with what its passage is rebuilt from: that of the text says where it stands, the others what they say."""
    fields = {name: getattr(record.passage, name) for name in _PLACE} | {"prior": prior}
    place = fields if record.part == "text" else {"part": record.part, "text": record.text}
    return replace(record, place=json.dumps(place, ensure_ascii=False))


class ServerStore:
    """The collections on the server, and this machine's folder of what was derived from them."""

    portable = True

    def __init__(self, settings: Settings) -> None:
        # Apart from a local index in the same folder, whose generations are none of ours to clear away.
        self.folder, self._settings = settings.index / "server", settings
        self._name, self._url = settings.chroma_collection, settings.chroma_url
        self._known: tuple[float, Manifest | None] | None = None

    @cached_property
    def _server(self) -> tuple[ClientAPI, Limits]:
        return connect(self._settings)

    @property
    def _client(self) -> ClientAPI:
        return self._server[0]

    def manifest(self) -> Manifest | None:
        """As the server says, asked again after ``settings.chroma_refresh`` seconds.

        Raises:
            IndexUnavailable: the server cannot be used, or holds an index of another format.
        """
        if self._known is None or time.monotonic() - self._known[0] >= self._settings.chroma_refresh:
            fields = self._metadata(self._name)
            manifest = manifest_of(fields, f"{self._url} {self._name}", self._settings.index) if fields else None
            self._known = (time.monotonic(), manifest)
        return self._known[1]

    def files(self, manifest: Manifest) -> Path:
        target = generation_path(self.folder, manifest.generation)
        if target.exists():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "cache.lock"):
            if not target.exists():
                scratch = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
                try:
                    write_files(scratch, self._content(manifest))
                    scratch.rename(target)
                except BaseException:
                    shutil.rmtree(scratch, ignore_errors=True)
                    raise
                drop_folders_but(self.folder, {manifest.generation, manifest.previous})
        return target

    def vectors(self, generation: str) -> VectorIndex:
        with reaching(self._url):
            return VectorIndex(self._client, self._collection(generation), self._server[1])

    def state(self, generation: str) -> State | None:
        metadata = self._metadata(self._collection(generation))
        return None if metadata is None else metadata.get("state", "copying")

    def create(self, generation: str, *, like: str | None, without: set[str]) -> VectorIndex:
        with reaching(self._url):
            vectors = VectorIndex.create(self._client, self._collection(generation), self._server[1])
            if like is not None:
                vectors.copy_from(self.vectors(like), without=without)
            self._mark(generation, "embedding")
            return vectors

    def publish(self, manifest: Manifest, content: Content) -> None:
        generation = manifest.generation
        with reaching(self._url):
            self._write_sources(generation, content)
            self._mark(generation, "complete")
            root = self._client.get_or_create_collection(self._name, embedding_function=None)
            root.modify(metadata=asdict(manifest))
        self._known = None

    def drop_all_but(self, generations: set[str]) -> None:
        with reaching(self._url):
            mine = [c for c in self._client.list_collections() if self._generation(c.name)]
            keep = generations | {self._generation(c.name) for c in mine if _is_being_built(c.metadata or {})}
            for collection in mine:
                if self._generation(collection.name) not in keep:
                    self._client.delete_collection(collection.name)

    def _generation(self, name: str) -> str:
        """The generation that a collection belongs to; empty where it is none of this index's."""
        found = (
            _GENERATION.fullmatch(name.removeprefix(f"{self._name}-")) if name.startswith(f"{self._name}-") else None
        )
        return found[1] if found else ""

    def _collection(self, generation: str) -> str:
        return f"{self._name}-{generation}"

    def _sources(self, generation: str) -> str:
        return f"{self._name}-{generation}-sources"

    def _metadata(self, name: str) -> dict[str, Any] | None:
        from chromadb.errors import NotFoundError

        with reaching(self._url):
            try:
                return dict(self._client.get_collection(name, embedding_function=None).metadata or {})
            except NotFoundError:
                return None

    def _mark(self, generation: str, state: State) -> None:
        collection = self._client.get_collection(self._collection(generation), embedding_function=None)
        collection.modify(metadata={"state": state, "since": int(time.time())})

    def _write_sources(self, generation: str, content: Content) -> None:
        name, page = self._sources(generation), self._server[1].page
        collection = self._client.get_or_create_collection(name, embedding_function=None)
        pieces = _pieces(content)
        while batch := list(itertools.islice(pieces, page)):
            collection.upsert(
                ids=[identifier for identifier, _ in batch],
                documents=[text for _, text in batch],
                embeddings=_somewhere(len(batch)),
            )

    def _content(self, manifest: Manifest) -> Content:
        """All that an index holds, read back from the server.

        Raises:
            IndexUnavailable: the generation was replaced while it was read, or is not complete.
        """
        with reaching(self._url):
            sources, documents = self._read_sources(manifest.generation)
            texts = {document.id: document.text for _, document in documents}
            passages, priors = _passages(self.vectors(manifest.generation).pages(["metadatas"]), texts)
        if (len(documents), len(passages)) != (manifest.documents, manifest.passages):
            raise IndexUnavailable(
                f"Chroma 服务器 {self._url} 上的索引读取不完整。",
                why=f"应有 {manifest.documents} 份文档、{manifest.passages} 个段落，读到 {len(documents)}、{len(passages)}",
                next_step="可能正在更新，请重试；若仍不行，运行：python -m ingest --rebuild",
            )
        known = [prior for prior in priors if prior is not None]
        return Content(
            sources, documents, passages, np.asarray(known, np.float32) if len(known) == len(priors) else None
        )

    def _read_sources(self, generation: str) -> tuple[list[tuple[str, str, Document]], list[tuple[str, Document]]]:
        stored = VectorIndex(self._client, self._sources(generation), self._server[1])
        pieces = {
            i: t for page in stored.pages(["documents"]) for i, t in zip(page["ids"], page["documents"], strict=True)
        }
        whole: dict[str, list[str]] = defaultdict(list)
        for identifier in sorted(pieces):
            whole[identifier.rpartition("/")[0]].append(pieces[identifier])
        rows = {identifier: json.loads("".join(parts)) for identifier, parts in whole.items()}
        sources = {row["path"]: (row["path"], row["sha256"], _document(row)) for i, row in rows.items() if i[0] == "s"}
        documents = [
            (row["path"], Document(meta=DocumentMeta.model_validate(row["meta"]), text=sources[row["path"]][2].text))
            for i, row in rows.items()
            if i[0] == "d"
        ]
        return list(sources.values()), documents


def _is_being_built(metadata: Mapping[str, Any]) -> bool:
    """Whether another machine may still be at work on a generation."""
    return metadata.get("state") == "embedding" and time.time() - int(metadata.get("since", 0)) < _ABANDONED


def _pieces(content: Content) -> Iterator[tuple[str, str]]:
    """(id, piece) of every source and document; ids sort in reading order."""
    for number, (path, sha256, document) in enumerate(content.sources):
        meta = document.meta.model_dump(mode="json", exclude_defaults=True)
        yield from _cut(f"s{number:07}", {"path": path, "sha256": sha256, "meta": meta, "text": document.text})
    for number, (path, document) in enumerate(content.documents):
        meta = document.meta.model_dump(mode="json", exclude_defaults=True)
        yield from _cut(f"d{number:07}", {"path": path, "meta": meta})


def _cut(identifier: str, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    text = json.dumps(row, ensure_ascii=False)
    for number, start in enumerate(range(0, len(text), _PIECE)):
        yield f"{identifier}/{number:05}", text[start : start + _PIECE]


def _somewhere(count: int) -> Vectors:
    """Vectors for records that are never searched; no two alike, which graphs of neighbours do not like."""
    angles = np.arange(count, dtype=np.float32)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _document(row: dict[str, Any]) -> Document:
    return Document(meta=DocumentMeta.model_validate(row["meta"]), text=row["text"])


def _passages(pages: Iterable[dict[str, Any]], texts: dict[str, str]) -> tuple[list[Passage], list[float | None]]:
    """Passages in the order of their documents' ids and texts, with their priors."""
    places: dict[str, tuple[str, dict[str, Any]]] = {}
    helpers: dict[str, dict[str, str]] = defaultdict(dict)
    for page in pages:
        for metadata in page["metadatas"]:
            place = json.loads(metadata["place"])
            if "part" in place:
                helpers[metadata["passage"]][place["part"]] = place["text"]
            else:
                places[metadata["passage"]] = (metadata["document"], place)
    found = []
    for identifier, (document_id, place) in places.items():
        prior = place.pop("prior")
        place["headings"] = tuple(place["headings"])
        text = texts.get(document_id, "")[place["start"] : place["end"]]
        digest = helpers[identifier].pop("digest", None)
        asked = sorted(helpers[identifier].items(), key=lambda item: int(item[0].removeprefix("q")))
        passage = Passage(
            identifier, document_id, text, lay_questions=tuple(q for _, q in asked), digest=digest, **place
        )
        found.append((passage, prior))
    found.sort(key=lambda pair: (pair[0].document_id, pair[0].start))
    return [passage for passage, _ in found], [prior for _, prior in found]
