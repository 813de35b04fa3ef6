"""Gold pinpoints against citations and hits, at article (or section) level and at 款/项 level."""

from __future__ import annotations

import re

from ingest.split import article_slug
from rag.numerals import item_to_int, to_int
from rag.types import Citation

_PLACE = re.compile(r"^(?:p|i)\d+$")


def article_level(pinpoint: str) -> str:
    """``copyright-law-2020/art-24/p1/i5`` → ``copyright-law-2020/art-24``."""
    parts = pinpoint.split("/")
    while len(parts) > 2 and _PLACE.match(parts[-1]):
        parts.pop()
    return "/".join(parts)


def of_citation(citation: Citation) -> str:
    """The pinpoint of a citation, as deep as it goes; an article of a single 款 counts as its first."""
    if not citation.article:
        return citation.passage_id
    paragraph = to_int(citation.paragraph.strip("第款")) if citation.paragraph else 1
    number = item_to_int(re.sub(r"[第（）项]", "", citation.item)) if citation.item else None
    deep = f"/i{number}" if number else ""
    return f"{citation.document_id}/{article_slug(citation.article)}/p{paragraph}{deep}"


def meets(found: str, gold: str) -> bool:
    """Whether a found place is the gold one or lies within it (a passage of a section counts for the section)."""
    return found == gold or found.startswith(gold + "/")


def meets_article(found: str, gold: str) -> bool:
    return meets(found, article_level(gold))
