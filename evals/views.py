"""An index seen otherwise: passages withheld, sentences changed, a part of the search switched off. Nothing is built or written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from rag.catalog import Catalog
from rag.embed import Vectors
from rag.index import Index
from rag.lexical import LexicalIndex
from rag.types import Document, Passage
from rag.vectors import VectorIndex

_MORE = 400
"""Records asked for beyond those wanted, so that enough are left when some are withheld."""


@dataclass(frozen=True, slots=True)
class Edit:
    """``new`` stands where the document has ``old``; both are of one length, so that no other span moves."""

    document_id: str
    start: int
    old: str
    new: str


class _Catalog(Catalog):
    """Another catalog, every passage and document of which goes through a function; a passage that becomes None is not there."""

    def __init__(
        self,
        whole: Catalog,
        passage: Callable[[Passage], Passage | None],
        document: Callable[[Document], Document] = lambda document: document,
    ) -> None:
        self.__dict__.update(whole.__dict__)
        self._whole, self._seen, self._text = whole, passage, document

    def document(self, identifier: str) -> Document | None:
        found = self._whole.document(identifier)
        return self._text(found) if found else None

    def passages(self, positions: Sequence[int]) -> list[Passage]:
        return [self._seen(passage) or passage for passage in self._whole.passages(positions)]

    def passage(self, identifier: str) -> Passage | None:
        found = self._whole.passage(identifier)
        return self._seen(found) if found else None

    def article(self, document_id: str, article: str) -> Passage | None:
        found = self._whole.article(document_id, article)
        return self._seen(found) if found else None

    def passages_of(self, document_id: str) -> list[Passage]:
        return [seen for passage in self._whole.passages_of(document_id) if (seen := self._seen(passage))]


class _Vectors:
    """Vector search that another function looks at before anyone else."""

    def __init__(self, whole: VectorIndex, search: Callable[..., dict[str, float]]) -> None:
        self._whole, self._search = whole, search

    def search(self, vector: Vectors, k: int, **conditions: Any) -> dict[str, float]:
        return self._search(vector, k, **conditions)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


class _Lexical:
    """BM25 without some passages: they score 0."""

    def __init__(self, whole: LexicalIndex, factor: npt.NDArray[np.float32]) -> None:
        self._whole, self._factor = whole, factor

    def scores(self, query: str) -> npt.NDArray[np.float32]:
        scores: npt.NDArray[np.float32] = self._whole.scores(query) * self._factor
        return scores

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


def withheld(index: Index, passages: frozenset[str]) -> Index:
    """``index`` as if it had never had these passages."""

    def search(vector: Vectors, k: int, **conditions: Any) -> dict[str, float]:
        found = index.vectors.search(vector, k + _MORE, **conditions)
        return dict([(name, value) for name, value in found.items() if name not in passages][:k])

    factor = np.ones(len(index.catalog.positions), dtype=np.float32)
    factor[[index.catalog.positions[name] for name in passages if name in index.catalog.positions]] = 0
    catalog = _Catalog(index.catalog, lambda passage: None if passage.id in passages else passage)
    return _view(
        index, catalog=catalog, vectors=_Vectors(index.vectors, search), lexical=_Lexical(index.lexical, factor)
    )


def edited(index: Index, edits: Sequence[Edit]) -> Index:
    """``index`` with other words in some places: what is found is as before, what is read is not."""
    by_document: dict[str, list[Edit]] = {}
    for edit in edits:
        by_document.setdefault(edit.document_id, []).append(edit)

    def passage(found: Passage) -> Passage:
        text = _with(found.text, by_document.get(found.document_id, ()), found.start)
        return found if text == found.text else replace(found, text=text)

    def document(found: Document) -> Document:
        text = _with(found.text, by_document.get(found.id, ()), 0)
        return found if text == found.text else found.model_copy(update={"text": text})

    return _view(index, catalog=_Catalog(index.catalog, passage, document))


def without_lexical(index: Index) -> Index:
    return _view(index, lexical=_Lexical(index.lexical, np.zeros(len(index.catalog.positions), dtype=np.float32)))


def without_dense(index: Index) -> Index:
    return _view(index, vectors=_Vectors(index.vectors, lambda *_, **__: {}))


def with_vectors(index: Index, change: Callable[[Vectors], Vectors]) -> Index:
    """``index`` whose vector search is given other vectors than the questions'."""
    return _view(
        index, vectors=_Vectors(index.vectors, lambda v, k, **given: index.vectors.search(change(v), k, **given))
    )


def with_fresh_days(index: Index) -> Index:
    """``index`` that remembers nothing of which documents are in force."""
    catalog = _Catalog(index.catalog, lambda passage: passage)
    catalog._usable = catalog._find_usable  # type: ignore[assignment]
    return _view(index, catalog=catalog)


def _with(text: str, edits: Sequence[Edit], offset: int) -> str:
    for edit in edits:
        at = edit.start - offset
        if at >= 0 and text.startswith(edit.old, at):
            text = text[:at] + edit.new + text[at + len(edit.old) :]
    return text


def _view(index: Index, **parts: object) -> Index:
    view = copy(index)
    cast("dict[str, object]", view.__dict__).update(cast(Mapping[str, object], parts))
    return view
