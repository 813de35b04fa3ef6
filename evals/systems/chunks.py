"""What the baselines index: the documents of our index, cut as their users cut them, each chunk with its place.

A chunk counts for a passage of ours when it holds at least half of it, or when the passage makes up at least half of the chunk (the rule of
``evals.bench.spans``): a chunk over three short articles cites all three, a chunk out of the middle of a long article cites that one.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from evals.bench.peers import CHUNK_OVERLAP, CHUNK_SIZE
from evals.bench.spans import SHARE
from rag.catalog import Catalog
from rag.cite import citation
from rag.indexed import passage_text
from rag.types import Citation, Hit, Passage, Unit


@dataclass(frozen=True, slots=True)
class Chunk:
    """``text`` is what is indexed and given to a model; ``start`` to ``end`` of the document is what is shown and quoted."""

    text: str
    document_id: str
    start: int
    end: int


def article_chunks(catalog: Catalog) -> Iterator[Chunk]:
    """One an article (or section, or paragraph of a paper), with its title, headings and 问法: a generous reading of article splitting."""
    for identifier, meta in catalog.metas.items():
        for passage in catalog.passages_of(identifier):
            parts = (passage_text(meta.title, passage), passage.topic, *passage.lay_questions)
            yield Chunk(" ".join(filter(None, parts)), identifier, passage.start, passage.end)


def recursive_chunks(catalog: Catalog) -> Iterator[Chunk]:
    """Cut by LangChain's splitter with the size and overlap of its tutorial, from the whole text of every document."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP, add_start_index=True)
    for identifier in catalog.metas:
        document = catalog.document(identifier)
        for chunk in splitter.create_documents([document.text]) if document else ():
            start = chunk.metadata["start_index"]
            if start >= 0:
                yield Chunk(chunk.page_content, identifier, start, start + len(chunk.page_content))


class Places:
    """From chunks to the passages they count for, and to citations of these."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._passages: dict[str, list[Passage]] = {}

    def passages(self, chunk: Chunk) -> list[Passage]:
        """In document order."""
        if chunk.document_id not in self._passages:
            found = self._catalog.passages_of(chunk.document_id)
            self._passages[chunk.document_id] = sorted(found, key=lambda passage: passage.start)
        every = self._passages[chunk.document_id]
        first = bisect_left(every, chunk.start, key=lambda passage: passage.end)
        return [passage for passage in every[first:] if _counts_for(chunk, passage)]

    def citations(self, chunk: Chunk, first: int, as_of: dt.date) -> list[Citation]:
        """One for every passage that the chunk counts for, numbered from ``first``; the quote is what the chunk holds of it.

        A chunk names no 款 and no 项, and neither do these.
        """
        meta = self._catalog.metas[chunk.document_id]
        document = self._catalog.document(chunk.document_id)
        found = []
        for number, passage in enumerate(self.passages(chunk) if document else (), start=first):
            assert document is not None
            start, end = max(chunk.start, passage.start), min(chunk.end, passage.end)
            unit = Unit(document.text[start:end], start, end)
            found.append(citation(Hit(passage, meta, 0.0), unit, number, as_of))
        return found


def _counts_for(chunk: Chunk, passage: Passage) -> bool:
    shared = min(chunk.end, passage.end) - max(chunk.start, passage.start)
    return shared > 0 and shared >= SHARE * min(passage.end - passage.start, chunk.end - chunk.start)
