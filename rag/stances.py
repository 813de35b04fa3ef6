"""Where a document answers a disputed question of law: the positions of its front matter, with the exact place of their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rag.catalog import Catalog
from rag.relations import Taken
from rag.types import Frozen


class Stance(Frozen):
    """A document's answer to an issue (``rag.issues``): ``document.text[start:end] == quote``."""

    issue: str
    position: str
    document_id: str
    passage_id: str
    quote: str
    start: int
    end: int
    why: str | None = None
    """What in the facts explains the answer."""


def stances_of(positions: Mapping[str, Iterable[Taken]], catalog: Catalog) -> tuple[Stance, ...]:
    """The stances of all documents, by issue and document."""
    return tuple(
        found for issue in sorted(positions) for taken in positions[issue] if (found := _placed(taken, catalog))
    )


def _placed(taken: Taken, catalog: Catalog) -> Stance | None:
    """The place of the position's words; the whole passage where it has other words (an official text in place of the digest)."""
    passage, anchor = catalog.passage(taken.passage_id), taken.position.anchor
    if passage is None:
        return None
    at = passage.text.find(anchor)
    start, quote = (passage.start + at, anchor) if at >= 0 else (passage.start, passage.text)
    return Stance(
        issue=taken.position.issue,
        position=taken.position.position,
        document_id=taken.document.id,
        passage_id=passage.id,
        quote=quote,
        start=start,
        end=start + len(quote),
        why=taken.position.why,
    )
