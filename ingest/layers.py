"""Two layers of one instrument: an official full text is what gets quoted, the digest beside it only helps to find it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ingest.sources import Source
from ingest.split import split
from rag.types import Document, Passage


@dataclass(frozen=True, slots=True)
class Layered:
    """A document as it is quoted, the file its text stands in, and its passages."""

    path: str
    document: Document
    passages: tuple[Passage, ...]


def layered(sources: Iterable[Source]) -> list[Layered]:
    """One document for each id, in the order of ids."""
    layers: dict[str, dict[bool, Source]] = {}
    for source in sources:
        layers.setdefault(source.document.id, {})[source.is_official] = source
    return [_merged(layers[identifier]) for identifier in sorted(layers)]


def _merged(layer: dict[bool, Source]) -> Layered:
    quoted = layer.get(True) or layer[False]
    digest = layer.get(False)
    if digest is None or digest is quoted:
        return Layered(quoted.path, quoted.document, tuple(split(quoted.document)))
    document = _with_meta_of(digest.document, quoted.document)
    helpers = {passage.id: passage for passage in split(digest.document)}
    passages = tuple(_helped(passage, helpers.get(passage.id)) for passage in split(document))
    return Layered(quoted.path, document, passages)


def _with_meta_of(digest: Document, official: Document) -> Document:
    """The official text under the digest's front matter, which is richer (aliases, dates, relations) and kept up to date."""
    provenance = {
        "text_status": official.meta.text_status,
        "url": official.meta.url or digest.meta.url,
        "checked": official.meta.checked or digest.meta.checked,
        "evidence": "verified",
        "articles": official.meta.articles or digest.meta.articles,
        "partial": official.meta.partial,
    }
    return Document(meta=digest.meta.model_copy(update=provenance), text=official.text)


def _helped(passage: Passage, helper: Passage | None) -> Passage:
    if helper is None:
        return passage
    return replace(passage, topic=passage.topic or helper.topic, lay_questions=helper.lay_questions, digest=helper.text)
