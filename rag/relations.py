"""How sources hang together: which judgments apply an article, what implements what, what an article was called before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from rag.types import DocumentMeta, Frozen, Position


class Links(Frozen):
    """What a document or passage is connected to, as ids of documents and passages; articles of other versions by passage id."""

    id: str
    applies: tuple[str, ...] = ()
    applied_by: tuple[str, ...] = ()
    implements: tuple[str, ...] = ()
    implemented_by: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    """The version before, or the article of it whose content this one carries."""
    later: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A position that a document takes."""

    document: DocumentMeta
    position: Position

    @property
    def passage_id(self) -> str:
        return f"{self.document.id}/{self.position.passage}"


class Relations:
    """Relations of all documents of an index, read from their front matter."""

    def __init__(self, metas: Mapping[str, DocumentMeta]) -> None:
        self._metas = metas

    @cached_property
    def positions(self) -> dict[str, list[Taken]]:
        """Positions by the issue that they answer."""
        found: dict[str, list[Taken]] = {}
        for meta in self._metas.values():
            for position in meta.positions:
                found.setdefault(position.issue, []).append(Taken(meta, position))
        return found

    def links(self, identifier: str) -> Links:
        """Links of a document (``copyright-law-2020``) or of one passage (``copyright-law-2020/art-54``)."""
        document, _, place = identifier.partition("/")
        meta = self._metas.get(document)
        later = next((m for m in self._metas.values() if m.supersedes == document), None)
        return Links(
            id=identifier,
            applies=meta.applies if meta and not place else (),
            applied_by=_unique(m.id for m in self._metas.values() if _within(m.applies, identifier)),
            implements=_unique(i.of for i in meta.implements if not place or i.passage == place) if meta else (),
            implemented_by=_unique(
                f"{m.id}/{i.passage}" if i.passage else m.id
                for m in self._metas.values()
                for i in m.implements
                if _within([i.of], identifier)
            ),
            earlier=self._earlier(meta, place),
            later=_later(place, later),
        )

    def _earlier(self, meta: DocumentMeta | None, place: str) -> tuple[str, ...]:
        if meta is None or meta.supersedes is None or meta.supersedes not in self._metas:
            return ()
        if not place:
            return (meta.supersedes,)
        return tuple(f"{meta.supersedes}/{old}" for old, new in meta.renumbered.items() if new == place)


def _later(place: str, later: DocumentMeta | None) -> tuple[str, ...]:
    if later is None:
        return ()
    if not place:
        return (later.id,)
    new = later.renumbered.get(place)
    return (f"{later.id}/{new}",) if new else ()


def _within(targets: Iterable[str], identifier: str) -> bool:
    """Whether one of ``targets`` is the document or passage, or a passage of the document."""
    return any(target == identifier or target.startswith(f"{identifier}/") for target in targets)


def _unique(identifiers: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(identifiers))
