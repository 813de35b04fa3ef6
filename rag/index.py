"""An index on disk: vectors, BM25 and catalog, built together, opened together, told apart by fingerprints.

``FOLDER/manifest.json`` names the generation in use, ``FOLDER/generations/NAME/`` holds it. A build writes a new generation and then
replaces the manifest in one step, so a reader sees the index as it was or as it will be, never half of each.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from rag.catalog import Catalog
from rag.embed import Embedder, Vectors, load_embedder
from rag.errors import IndexUnavailable
from rag.lexical import LexicalIndex
from rag.settings import Settings
from rag.vectors import VectorIndex, open_client

FORMAT = 5
_MANIFEST = "manifest.json"
_GENERATIONS = "generations"
PRIOR_FILE = "prior.npy"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was built from and with."""

    format: int
    generation: str
    embedder: str
    embedder_fingerprint: str
    splitter: str
    lexical: str
    documents: int
    passages: int
    records: int
    corpus_fingerprint: str
    index_fingerprint: str


class Index:
    """An open index; its parts are opened when first used."""

    def __init__(self, folder: Path, manifest: Manifest, embedder: Embedder) -> None:
        self.folder, self.manifest, self.embedder = folder, manifest, embedder

    @property
    def generation(self) -> Path:
        return generation_path(self.folder, self.manifest.generation)

    @cached_property
    def catalog(self) -> Catalog:
        return Catalog(self.generation / "catalog.sqlite3")

    @cached_property
    def lexical(self) -> LexicalIndex:
        return LexicalIndex(self.generation / "lexical")

    @cached_property
    def prior(self) -> Vectors:
        """Log probability that a passage is asked for, by position; zeros where the embedder knows nothing of it."""
        path = self.generation / PRIOR_FILE
        prior: Vectors = np.load(path) if path.exists() else np.zeros(self.manifest.passages, dtype=np.float32)
        return prior

    @cached_property
    def vectors(self) -> VectorIndex:
        return VectorIndex(open_client(self.generation / "chroma"))


def generation_path(folder: Path, name: str) -> Path:
    return folder / _GENERATIONS / name


def open_index(settings: Settings) -> Index:
    """Open the index that ``settings`` point to and make sure that every part of it can be used.

    Raises:
        IndexUnavailable: missing, half-written, or built with another embedder; the message has the command that mends it.
    """
    folder = settings.index
    manifest = read_manifest(folder)
    rebuild = f"运行：python -m ingest --index {folder} --rebuild"
    if manifest is None:
        raise IndexUnavailable(
            f"索引不存在：{folder}。", why="还没有建立", next_step=f"运行：python -m ingest --index {folder}"
        )
    if manifest.embedder != settings.embedder:
        raise IndexUnavailable(
            f"索引 {folder} 与当前设置不符。",
            why=f"建索引时的向量模型是 {manifest.embedder!r}，当前设置是 {settings.embedder!r}",
            next_step=f"{rebuild}，或把 AIGC_LAW_EMBEDDER 设回 {manifest.embedder!r}。",
        )
    embedder = load_embedder(settings.embedder)
    if manifest.embedder_fingerprint != embedder.fingerprint:
        raise IndexUnavailable(
            f"索引 {folder} 与当前向量模型不符。",
            why=f"模型内容已变（{manifest.embedder_fingerprint} → {embedder.fingerprint}）",
            next_step=f"{rebuild}。",
        )
    index = Index(folder, manifest, embedder)
    try:
        complete = index.vectors.count() == manifest.records and len(index.catalog.positions) == manifest.passages
        _ = index.lexical
    except Exception as error:  # each store has its own errors for a missing or cut file
        raise IndexUnavailable(
            f"索引 {folder} 已损坏或不完整。",
            why=f"{type(error).__name__}: {error}",
            next_step=f"{rebuild}。",
        ) from error
    if not complete:
        raise IndexUnavailable(f"索引 {folder} 不完整。", why="各部分的条数与清单不一致", next_step=f"{rebuild}。")
    return index


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of the index in ``folder``; None where there is none.

    Raises:
        IndexUnavailable: there is one that cannot be read.
    """
    path = folder / _MANIFEST
    if not path.exists():
        return None
    try:
        manifest = Manifest(**json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError, OSError) as error:
        raise IndexUnavailable(
            f"索引清单无法读取：{path}。",
            why=f"{type(error).__name__}: {error}",
            next_step=f"运行：python -m ingest --index {folder} --rebuild",
        ) from error
    if manifest.format != FORMAT:
        raise IndexUnavailable(
            f"索引 {folder} 的格式版本是 {manifest.format}，本程序需要 {FORMAT}。",
            next_step=f"运行：python -m ingest --index {folder} --rebuild",
        )
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a new generation into use, atomically."""
    temporary = folder / f"{_MANIFEST}.new"
    temporary.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=2) + "\n", "utf-8")
    temporary.replace(folder / _MANIFEST)
