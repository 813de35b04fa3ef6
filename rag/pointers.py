"""The provisions that chosen sentences point to: what a holding applies, what one article says of another."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.index import Index
from rag.names import Names
from rag.references import Reference, cited_articles, named_articles, without_names
from rag.types import Hit, Kind

RELATED_SHARE = 0.8
"""Score of an article pulled in by a cross-reference, as a share of the passage that refers to it."""
_TELLING_CLAUSE = 12
"""Characters from which a clause says enough of the article that it names."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """An article that a sentence refers to, with the 款 and 项 where it names them, what the sentence says of it, and the id of the sentence's passage."""

    hit: Hit
    paragraph: int | None
    item: int | None
    sentence: str
    source: str


def referred(texts: Iterable[tuple[Hit, str]], index: Index, names: Names, as_of: dt.date) -> list[Pointer]:
    """Provisions that chosen sentences refer to: what a holding applies, what a 款 points to. ``texts`` are (hit, sentence)."""
    return [
        pointer
        for hit, text in texts
        for pointer in _referred_by(hit, text, index, names, as_of)
        if pointer.hit.passage.id != hit.passage.id
    ]


def _referred_by(hit: Hit, text: str, index: Index, names: Names, as_of: dt.date) -> Iterable[Pointer]:
    catalog = index.catalog
    references: list[tuple[Reference, tuple[str, ...]]]
    if hit.passage.article:
        references = [(reference, (hit.document.id,)) for reference in cited_articles(text)]
    elif hit.document.kind is Kind.JUDGMENT:
        references = [(reference, reference.document_ids) for reference in named_articles(text, names)]
    else:
        return
    for reference, identifiers in references:
        for identifier in identifiers:
            passage = catalog.article(identifier, reference.article or "")
            if passage and catalog.metas[identifier].in_force(as_of):
                target = Hit(passage, catalog.metas[identifier], hit.score * RELATED_SHARE, {"related": hit.score})
                said = _said_of(reference, text, names)
                yield Pointer(target, reference.paragraph, reference.item, said, hit.passage.id)
                break


def _said_of(reference: Reference, text: str, names: Names) -> str:
    """What a sentence says of an article that it names: the clause with the name, else all of it; without names of sources."""
    clauses = [
        without_names(clause, names) for clause in re.split("[，。；：]", text) if (reference.article or "") in clause
    ]
    return clauses[0] if clauses and len(clauses[0]) >= _TELLING_CLAUSE else without_names(text, names)
