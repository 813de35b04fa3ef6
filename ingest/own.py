"""A user's own documents: a private collection that lives as long as a session, asked alone or together with the corpus.

Each change builds an index of its own in the collection's folder, of these documents alone, and, when first asked for, one of the corpus with
them: the corpus's index is copied as files, so that only the new documents are cut and embedded. One index means that everything that an
answer goes through (look-up, ranking, tables, verification) treats both alike. An index of a deleted document is deleted as a whole.
"""

from __future__ import annotations

import atexit
import contextlib
import queue
import shutil
import tempfile
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import frontmatter

from ingest.build import Progress, ingest
from ingest.sources import Refused
from ingest.upload import Understood, Upload, understand_upload
from rag.errors import DocumentRefused, IndexUnavailable, InvalidInput
from rag.index import no_index, open_index, store_of
from rag.lexical import query_terms, terms
from rag.pinpoint import units
from rag.pipeline import Assistant, open_assistant
from rag.sentence_vectors import forget_sentences
from rag.settings import Settings
from rag.store import copy_generation
from rag.text import printable
from rag.types import Document
from rag.vectors import close_under

Scope = Literal["own", "both"]
"""These documents alone, or together with the corpus."""
MAX_DOCUMENTS = 20


@dataclass(slots=True)
class Report:
    """What became of the files of one upload."""

    understood: list[Understood] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    errors: list[DocumentRefused] = field(default_factory=list)
    """Of each refused file, in the same order."""


class OwnDocuments:
    """The private collection of one session; safe to use from several threads. Its folder goes when it is cleared, dropped, or the program ends."""

    def __init__(self, settings: Settings) -> None:
        """``settings``: those of the corpus that the documents are asked together with."""
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="aigc-law-own-"))  # only this user may read it
        self._texts = self._folder / "texts"
        self._texts.mkdir()
        self._lock = threading.RLock()
        self._understood: dict[str, Understood] = {}
        self._opened: dict[Scope, tuple[str, Assistant]] = {}
        self._version = 0
        self._end = weakref.finalize(self, _left.put, self._folder)
        _start_removing()

    @property
    def documents(self) -> tuple[Understood, ...]:
        with self._lock:
            return tuple(self._understood.values())

    def add(self, uploads: Sequence[Upload], progress: Progress | None = None) -> Report:
        """Take in files; one that cannot be used is refused with its reason, and the others are taken.

        ``progress``: called with (done, total) passages embedded.

        Raises:
            InvalidInput: the collection was closed.
        """
        report = Report()
        with self._lock:
            if not self._end.alive:
                raise InvalidInput("这组自有文档已经删除。", next_step="重新打开一组，再上传。", code="own_closed")
            names = self._names_of_corpus()
            for upload in uploads:
                try:
                    if len(self._understood) >= MAX_DOCUMENTS:
                        raise DocumentRefused(
                            "自有文档太多。",
                            why=f"最多 {MAX_DOCUMENTS} 份",
                            next_step="先删除不再需要的文档。",
                            code="own_too_many",
                            most=MAX_DOCUMENTS,
                        )
                    document, understood = understand_upload(upload, self._understood, names)
                except DocumentRefused as error:
                    report.refused.append(Refused(printable(upload.name), str(error)))
                    report.errors.append(error)
                    continue
                _write(document, self._texts)
                self._understood[understood.id] = understood
                report.understood.append(understood)
            if report.understood:
                self._forget_indexes()
                self._build("own", progress)
        return report

    def remove(self, identifier: str) -> bool:
        """Delete one document, its text and every index that held it; False where there is none of that id."""
        with self._lock:
            if self._understood.pop(identifier, None) is None:
                return False
            (self._texts / f"{identifier}.md").unlink()
            self._forget_indexes()
            return True

    def clear(self) -> None:
        """Delete everything; documents may be added again."""
        with self._lock:
            self._understood.clear()
            self._forget_indexes()
            for path in self._texts.iterdir():
                path.unlink()

    def assistant(self, scope: Scope, progress: Progress | None = None) -> Assistant:
        """Who answers from these documents: ``answer``, ``stream``, ``document`` and all else, as from the corpus. Keep it for one question only.

        The first call after a change takes seconds for ``both``.

        Raises:
            InvalidInput: there are no documents, or the corpus lies on a server and cannot be copied.
            IndexUnavailable: there is no usable index of the corpus.
        """
        with self._lock:
            if not self._understood:
                raise InvalidInput("还没有自有文档。", next_step="先上传一份文档。", code="own_none")
            opened = self._opened.get(scope)
            if opened is None or opened[0] != self._generation(scope):
                opened = self._build(scope, progress)
            return opened[1]

    def close(self) -> None:
        """Delete everything for good; the collection cannot be used any more."""
        with self._lock:
            if self._end.alive:
                self.clear()
                self._end.detach()
                _remove(self._folder)

    def _build(self, scope: Scope, progress: Progress | None) -> tuple[str, Assistant]:
        generation = self._generation(scope)
        self._version += 1
        folder = self._folder / f"{scope}-{self._version}"
        settings = self._settings.model_copy(update={"index": folder, "chroma_url": ""})
        if scope == "both":
            copy_generation(self._settings.index, folder)
        ingest([self._texts], settings, progress=progress)
        self._close(scope)
        self._opened[scope] = (generation, Assistant(open_index(settings), settings))
        return self._opened[scope]

    def _generation(self, scope: Scope) -> str:
        """The generation of the corpus's index that is in use."""
        if scope == "own":
            return ""
        if self._settings.chroma_url:
            raise InvalidInput(
                "自有文档不能和语料一起提问。",
                why="语料的索引在 Chroma 服务器上",
                next_step="只就自有文档提问。",
                code="own_beside_server",
            )
        manifest = store_of(self._settings).manifest()
        if manifest is None:
            raise no_index(self._settings)
        return manifest.generation

    def _names_of_corpus(self) -> frozenset[str]:
        """What the documents of the corpus are called; nothing where it has no index yet."""
        with contextlib.suppress(IndexUnavailable):
            metas = open_assistant(self._settings).index.catalog.metas.values()
            called = (name for meta in metas for name in (meta.title, *meta.aliases, meta.short_title))
            return frozenset(name.strip("《》") for name in called)
        return frozenset()

    def _forget_indexes(self) -> None:
        for scope in tuple(self._opened):
            self._close(scope)
        forget_sentences()
        for remembered in (units, terms, query_terms):
            remembered.cache_clear()

    def _close(self, scope: Scope) -> None:
        """Delete the index of a scope from memory and disk."""
        if scope in self._opened:
            assistant = self._opened.pop(scope)[1]
            folder = assistant.settings.index
            assistant.index.catalog.close()
            _remove(folder)


def _write(document: Document, folder: Path) -> None:
    meta = document.meta.model_dump(mode="json", exclude_defaults=True)
    post = frontmatter.Post(document.text, **meta)
    (folder / f"{document.id}.md").write_text(frontmatter.dumps(post, allow_unicode=True) + "\n", "utf-8")


def _remove(folder: Path) -> None:
    try:
        close_under(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_left: queue.SimpleQueue[Path] = queue.SimpleQueue()
"""Folders of collections that nobody has any more. The garbage collector finds them out in whatever thread, in the midst of anything: all that it
does there is to put them here."""


def _remove_what_is_left() -> None:
    while True:
        _remove(_left.get())


def _remove_the_rest() -> None:
    while not _left.empty():
        _remove(_left.get())


@cache
def _start_removing() -> None:
    threading.Thread(target=_remove_what_is_left, name="remove-own-documents", daemon=True).start()
    atexit.register(_remove_the_rest)
