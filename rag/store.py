"""Where the generations of an index lie: in a folder of this machine (here), or on a Chroma server (``rag.server``).

A build writes a new generation and then puts it into use in one step, so a reader sees the index as it was or as it will be, never half
of each. A generation that was interrupted is continued where it stopped.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from rag.catalog import write_catalog
from rag.embed import Vectors
from rag.errors import IndexUnavailable
from rag.indexed import lexical_fields
from rag.lexical import build_lexical
from rag.types import Document, Passage
from rag.vectors import VectorIndex, open_client

FORMAT = 7
CATALOG, LEXICAL, PRIOR = "catalog.sqlite3", "lexical", "prior.npy"
_CHROMA = "chroma"
_MANIFEST = "manifest.json"
_GENERATIONS = "generations"
_STATE = "state"

State = Literal["copying", "embedding", "complete"]
"""How far a generation is: vectors of the one before being taken over, new ones being added, all there."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was built from and with."""

    format: int
    generation: str
    previous: str
    embedder: str
    embedder_fingerprint: str
    splitter: str
    lexical: str
    documents: int
    passages: int
    records: int
    corpus_fingerprint: str
    index_fingerprint: str


@dataclass(frozen=True, slots=True)
class Content:
    """What an index holds, besides vectors.

    ``sources``: (path, sha256, document) of every file. ``documents``: (path, document) of what is quoted. ``passages``: of ``documents``,
    in their order and that of the text. ``priors``: one for each passage, where the embedder knows.
    """

    sources: Sequence[tuple[str, str, Document]]
    documents: Sequence[tuple[str, Document]]
    passages: Sequence[Passage]
    priors: Vectors | None


class Store(Protocol):
    """A place for generations. ``portable``: records carry what a reader without our catalog needs to rebuild passages."""

    portable: bool

    def manifest(self) -> Manifest | None:
        """The generation in use; None where there is none yet."""

    def files(self, manifest: Manifest) -> Path:
        """A folder of this machine with the catalog, the lexical index and the priors of a generation."""

    def vectors(self, generation: str) -> VectorIndex: ...

    def state(self, generation: str) -> State | None:
        """How far a generation is; None where there is none of that name."""

    def create(self, generation: str, *, like: str | None, without: set[str]) -> VectorIndex:
        """Begin a generation, with the vectors of another one where it is ``like`` one, some documents left out."""

    def publish(self, manifest: Manifest, content: Content) -> None:
        """Complete a generation and put it into use."""

    def drop_all_but(self, generations: set[str]) -> None: ...


class LocalStore:
    """``FOLDER/manifest.json`` names the generation in use, ``FOLDER/generations/NAME/`` holds it."""

    portable = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def manifest(self) -> Manifest | None:
        """
        Raises:
            IndexUnavailable: there is a manifest that cannot be read, or of another format.
        """
        path = self.folder / _MANIFEST
        if not path.exists():
            return None
        try:
            fields = json.loads(path.read_text("utf-8"))
        except (ValueError, OSError) as error:
            raise _unreadable(str(path), error, self.folder) from error
        return manifest_of(fields, str(path), self.folder)

    def files(self, manifest: Manifest) -> Path:
        return generation_path(self.folder, manifest.generation)

    def vectors(self, generation: str) -> VectorIndex:
        return VectorIndex(open_client(generation_path(self.folder, generation) / _CHROMA))

    def state(self, generation: str) -> State | None:
        path = generation_path(self.folder, generation)
        marker = path / _STATE
        if not path.exists():
            return None
        return (
            "complete"
            if not marker.exists()
            else "embedding"
            if marker.read_text("utf-8") == "embedding"
            else "copying"
        )

    def create(self, generation: str, *, like: str | None, without: set[str]) -> VectorIndex:
        target = generation_path(self.folder, generation)
        target.mkdir(parents=True)
        (target / _STATE).write_text("copying", "utf-8")
        if like is None:
            vectors = VectorIndex.create(open_client(target / _CHROMA))
        else:
            shutil.copytree(generation_path(self.folder, like) / _CHROMA, target / _CHROMA)
            vectors = self.vectors(generation)
            vectors.remove_documents(sorted(without))
        (target / _STATE).write_text("embedding", "utf-8")
        return vectors

    def publish(self, manifest: Manifest, content: Content) -> None:
        target = self.files(manifest)
        write_files(target, content)
        (target / _STATE).unlink()
        _write_manifest(manifest, self.folder)

    def drop_all_but(self, generations: set[str]) -> None:
        drop_folders_but(self.folder, generations)


def generation_path(folder: Path, name: str) -> Path:
    return folder / _GENERATIONS / name


def copy_generation(source: Path, target: Path) -> Manifest:
    """Copy the generation in use from one index folder to a new one, as files: nothing is embedded again.

    Raises:
        IndexUnavailable: there is none, or it was replaced while it was copied.
    """
    manifest = LocalStore(source).manifest()
    if manifest is None:
        raise IndexUnavailable(f"索引不存在：{source}。", next_step=_rebuild(source))
    try:
        shutil.copytree(generation_path(source, manifest.generation), generation_path(target, manifest.generation))
        _write_manifest(manifest, target)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(target, ignore_errors=True)
        raise IndexUnavailable(
            f"索引 {source} 没能复制。", why=str(error), next_step="可能正在更新，或磁盘已满；请重试。"
        ) from error
    return manifest


def _write_manifest(manifest: Manifest, folder: Path) -> None:
    temporary = folder / f"{_MANIFEST}.new"
    temporary.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=2) + "\n", "utf-8")
    temporary.replace(folder / _MANIFEST)


def drop_folders_but(folder: Path, generations: set[str]) -> None:
    for path in (folder / _GENERATIONS).glob("*"):
        if path.name not in generations:
            shutil.rmtree(path, ignore_errors=True)


def write_files(target: Path, content: Content) -> None:
    """The catalog, the lexical index and the priors of ``content``; what an interrupted build left of them is replaced."""
    (target / CATALOG).unlink(missing_ok=True)
    write_catalog(target / CATALOG, sources=content.sources, documents=content.documents, passages=content.passages)
    metas = {document.id: document.meta for _, document in content.documents}
    build_lexical([lexical_fields(metas[p.document_id], p) for p in content.passages], target / LEXICAL)
    if content.priors is not None:
        np.save(target / PRIOR, content.priors)


def manifest_of(fields: dict[str, object], where: str, folder: Path) -> Manifest:
    """The manifest in stored ``fields``.

    Raises:
        IndexUnavailable: it is of another format, or not a manifest.
    """
    stored = fields.get("format") if isinstance(fields, dict) else None
    if isinstance(stored, int) and stored != FORMAT:
        raise IndexUnavailable(
            f"索引 {where} 的格式版本是 {stored}，本程序需要 {FORMAT}。",
            next_step=_rebuild(folder),
            code="index_other_format",
            where=where,
            stored=stored,
            needed=FORMAT,
        )
    try:
        return Manifest(**fields)  # type: ignore[arg-type]
    except TypeError as error:
        raise _unreadable(where, error, folder) from error


def _unreadable(where: str, error: Exception, folder: Path) -> IndexUnavailable:
    return IndexUnavailable(
        f"索引清单无法读取：{where}。",
        why=f"{type(error).__name__}: {error}",
        next_step=_rebuild(folder),
        code="index_unreadable",
        where=where,
    )


def _rebuild(folder: Path) -> str:
    return f"运行：python -m ingest --index {folder} --rebuild"
