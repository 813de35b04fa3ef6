"""What a document, or an article of it, is connected to, as links that can be opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rag.cite import label
from rag.pipeline import Assistant
from rag.types import DocumentMeta, Kind
from ui.words import say


@dataclass(frozen=True, slots=True)
class Link:
    """``target``: id of a document or passage."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Related:
    """Links of one kind under their heading."""

    heading: str
    links: tuple[Link, ...]


def related_to(identifier: str, assistant: Assistant) -> tuple[Related, ...]:
    """Links of a document or passage; what the index does not hold is left out.

    A whole document is linked with documents, apart from the articles that a judgment applies.
    """
    links, is_whole = assistant.links(identifier), "/" not in identifier
    found = [
        ("applies", links.applies, False),
        ("applied_by", links.applied_by, is_whole),
        ("implements", links.implements, is_whole),
        ("implemented_by", links.implemented_by, is_whole),
        ("earlier", links.earlier, False),
        ("later", links.later, False),
    ]
    shown = []
    for name, targets, only_documents in found:
        if only_documents:
            targets = tuple(dict.fromkeys(target.partition("/")[0] for target in targets))
        made = _links(targets, assistant, dated=name in ("earlier", "later"))
        if made:
            shown.append(Related(say(f"source.{name}"), made))
    return tuple(shown)


def _links(targets: Iterable[str], assistant: Assistant, *, dated: bool) -> tuple[Link, ...]:
    made = []
    for target in targets:
        document, _, place = target.partition("/")
        meta = assistant.index.catalog.metas.get(document)
        passage = assistant.index.catalog.passage(target) if place else None
        if meta is None or (place and passage is None):
            continue
        name = label(meta, passage.article, None, None, passage.section) if passage else _name(meta)
        text = f"{name} {passage.topic}" if passage and passage.topic else name
        made.append(Link(target, say("source.since", label=text, day=meta.effective) if dated else text))
    return tuple(made)


def _name(meta: DocumentMeta) -> str:
    """A document by its short title and, of a judgment, its docket number."""
    return label(meta, None, None, None, None) if meta.kind is Kind.JUDGMENT else meta.short_title
