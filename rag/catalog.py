"""The documents and passages of an index, in one SQLite file: what vectors and BM25 scores point to."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.types import Document, DocumentMeta, Kind, Passage

_SCHEMA = """
CREATE TABLE sources (
    path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, meta TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE documents (
    id TEXT PRIMARY KEY, path TEXT NOT NULL REFERENCES sources (path), meta TEXT NOT NULL
);
CREATE TABLE passages (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL, article TEXT, section TEXT,
    body TEXT NOT NULL
);
CREATE INDEX passages_by_article ON passages (document_id, article);
"""


class Catalog:
    """Read side. Positions count passages from 0 in the order of the lexical index."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
        # The same day is asked for again and again.
        self._usable = lru_cache(maxsize=64)(self._find_usable)

    @cached_property
    def metas(self) -> dict[str, DocumentMeta]:
        rows = self._connection.execute("SELECT id, meta FROM documents ORDER BY id").fetchall()
        return {identifier: DocumentMeta.model_validate_json(meta) for identifier, meta in rows}

    @cached_property
    def positions(self) -> dict[str, int]:
        return dict(self._connection.execute("SELECT id, position FROM passages").fetchall())

    @cached_property
    def _places(self) -> list[tuple[str, str | None]]:
        return self._connection.execute("SELECT document_id, section FROM passages ORDER BY position").fetchall()

    def document_id_at(self, position: int) -> str:
        return self._places[position][0]

    def section_at(self, position: int) -> str | None:
        return self._places[position][1]

    @cached_property
    def documents(self) -> tuple[str, ...]:
        """Ids of all documents, in the order by which ``document_numbers`` count them."""
        return tuple(self.metas)

    @cached_property
    def document_numbers(self) -> npt.NDArray[np.int64]:
        """The number of every passage's document, by position."""
        number = {identifier: n for n, identifier in enumerate(self.documents)}
        return np.asarray([number[document] for document, _ in self._places], dtype=np.int64)

    def usable(self, day: dt.date, kinds: tuple[Kind, ...]) -> npt.NDArray[np.bool_]:
        """Whether each document, by number, can be relied on that day and is of one of the kinds (any, where none is given)."""
        return self._usable(day, kinds)

    def document(self, identifier: str) -> Document | None:
        row = self._connection.execute(
            "SELECT text FROM documents JOIN sources USING (path) WHERE id = ?", (identifier,)
        ).fetchone()
        return Document(meta=self.metas[identifier], text=row[0]) if row else None

    def passages(self, positions: Sequence[int]) -> list[Passage]:
        """Passages at these positions, in this order."""
        marks = ",".join("?" * len(positions))
        rows = self._connection.execute(
            f"SELECT position, body FROM passages WHERE position IN ({marks})", list(positions)
        )
        found = {position: _passage(body) for position, body in rows}
        return [found[position] for position in positions]

    def passage(self, identifier: str) -> Passage | None:
        row = self._connection.execute("SELECT body FROM passages WHERE id = ?", (identifier,)).fetchone()
        return _passage(row[0]) if row else None

    def article(self, document_id: str, article: str) -> Passage | None:
        row = self._connection.execute(
            "SELECT body FROM passages WHERE document_id = ? AND article = ? ORDER BY position",
            (document_id, article),
        ).fetchone()
        return _passage(row[0]) if row else None

    def passages_of(self, document_id: str) -> list[Passage]:
        rows = self._connection.execute(
            "SELECT body FROM passages WHERE document_id = ? ORDER BY position", (document_id,)
        ).fetchall()
        return [_passage(body) for (body,) in rows]

    def _find_usable(self, day: dt.date, kinds: tuple[Kind, ...]) -> npt.NDArray[np.bool_]:
        wanted = [meta.in_force(day) and (not kinds or meta.kind in kinds) for meta in self.metas.values()]
        return np.asarray(wanted, dtype=bool)

    def close(self) -> None:
        self._connection.close()


def write_catalog(
    path: Path,
    *,
    sources: Iterable[tuple[str, str, Document]],
    documents: Iterable[tuple[str, Document]],
    passages: Iterable[Passage],
) -> None:
    """Write a new catalog.

    Args:
        sources: (path, sha256, document) of every file.
        documents: (path, document) of what is quoted; the text of a document is that of the file at ``path``.
        passages: of ``documents``, in the order of the lexical index.
    """
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.executescript(_SCHEMA)
            connection.executemany(
                "INSERT INTO sources VALUES (?, ?, ?, ?)",
                ((p, sha, d.meta.model_dump_json(exclude_defaults=True), d.text) for p, sha, d in sources),
            )
            connection.executemany(
                "INSERT INTO documents VALUES (?, ?, ?)",
                ((d.id, p, d.meta.model_dump_json(exclude_defaults=True)) for p, d in documents),
            )
            connection.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (position, p.id, p.document_id, p.article, p.section, json.dumps(asdict(p), ensure_ascii=False))
                    for position, p in enumerate(passages)
                ),
            )
    finally:
        connection.close()


def read_sources(path: Path) -> list[tuple[str, str, Document]]:
    """The files that an index was made of: (path, sha256, document)."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT path, sha256, meta, text FROM sources ORDER BY path").fetchall()
    finally:
        connection.close()
    return [(p, s, Document(meta=DocumentMeta.model_validate_json(meta), text=text)) for p, s, meta, text in rows]


def _passage(body: str) -> Passage:
    fields = json.loads(body)
    for name in ("headings", "lay_questions"):
        fields[name] = tuple(fields[name])
    return Passage(**fields)
