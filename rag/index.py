"""An index, open: vectors, BM25, catalog and priors of one generation, checked to belong together."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from rag.catalog import Catalog
from rag.embed import Embedder, Vectors, load_embedder
from rag.errors import AigcLawError, IndexUnavailable
from rag.lexical import LexicalIndex
from rag.settings import Settings
from rag.store import CATALOG, LEXICAL, PRIOR, LocalStore, Manifest, Store
from rag.vectors import VectorIndex


class Index:
    """An open index; its parts are opened when first used."""

    def __init__(self, files: Path, vectors: VectorIndex, manifest: Manifest, embedder: Embedder) -> None:
        self._files, self.vectors, self.manifest, self.embedder = files, vectors, manifest, embedder

    @cached_property
    def catalog(self) -> Catalog:
        return Catalog(self._files / CATALOG)

    @cached_property
    def lexical(self) -> LexicalIndex:
        return LexicalIndex(self._files / LEXICAL)

    @cached_property
    def prior(self) -> Vectors:
        """Log probability that a passage is asked for, by position; zeros where the embedder knows nothing of it."""
        path = self._files / PRIOR
        prior: Vectors = np.load(path) if path.exists() else np.zeros(self.manifest.passages, dtype=np.float32)
        return prior


@lru_cache(maxsize=8)
def store_of(settings: Settings) -> Store:
    """The folder, or the Chroma server, that ``settings`` keep the index in."""
    if settings.chroma_url:
        from rag.server import ServerStore  # filelock and what else only a server needs

        return ServerStore(settings)
    return LocalStore(settings.index)


def open_index(settings: Settings) -> Index:
    """Open the index that ``settings`` point to and make sure that every part of it can be used.

    Raises:
        IndexUnavailable: missing, half-written, or built with another embedder; the message has the command that mends it.
    """
    where, store = place_of(settings), store_of(settings)
    rebuild = f"运行：python -m ingest --index {settings.index} --rebuild"
    manifest = store.manifest()
    if manifest is None:
        raise no_index(settings)
    if manifest.embedder != settings.embedder:
        raise IndexUnavailable(
            f"索引 {where} 与当前设置不符。",
            why=f"建索引时的向量模型是 {manifest.embedder!r}，当前设置是 {settings.embedder!r}",
            next_step=f"{rebuild}，或把 AIGC_LAW_EMBEDDER 设回 {manifest.embedder!r}。",
            code="index_other_embedder",
            where=where,
            built=manifest.embedder,
            now=settings.embedder,
        )
    embedder = load_embedder(settings.embedder, settings.prompts)
    if manifest.embedder_fingerprint != embedder.fingerprint:
        raise IndexUnavailable(
            f"索引 {where} 与当前向量模型不符。",
            why=f"模型内容已变（{manifest.embedder_fingerprint} → {embedder.fingerprint}）",
            next_step=f"{rebuild}。",
            code="index_embedder_changed",
            where=where,
        )
    try:
        index = Index(store.files(manifest), store.vectors(manifest.generation), manifest, embedder)
        complete = index.vectors.count() == manifest.records and len(index.catalog.positions) == manifest.passages
        _ = index.lexical
    except AigcLawError:
        raise
    except Exception as error:  # each store has its own errors for a missing or cut file
        raise IndexUnavailable(
            f"索引 {where} 已损坏或不完整。",
            why=f"{type(error).__name__}: {error}",
            next_step=f"{rebuild}。",
            code="index_damaged",
            where=where,
        ) from error
    if not complete:
        raise IndexUnavailable(
            f"索引 {where} 不完整。",
            why="各部分的条数与清单不一致",
            next_step=f"{rebuild}。",
            code="index_incomplete",
            where=where,
        )
    return index


def no_index(settings: Settings) -> IndexUnavailable:
    """The error for an index that was never built."""
    return IndexUnavailable(
        f"索引不存在：{place_of(settings) if settings.chroma_url else settings.index.resolve()}。",
        why="还没有建立",
        next_step=f"运行：python -m ingest --index {settings.index}",
        code="index_missing",
        where=place_of(settings) if settings.chroma_url else settings.index.resolve(),
        index=settings.index,
    )


def place_of(settings: Settings) -> str:
    """Where the index lies, for people."""
    return f"{settings.chroma_url} {settings.chroma_collection}" if settings.chroma_url else str(settings.index)
