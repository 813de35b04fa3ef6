"""Articles, paragraphs and items as they are written in English.

article 24(1)(5) · Art. 24, para. 1, item 5 · sections 52-54 · articles 52, 53 and 54 · § 24 · Article 286-1
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.numerals import item_to_int
from rag.place import Place, article_label, between

_SECTION_WORD = (
    r"(?:(?<![a-z])(?P<word>articles?|arts?|sections?|secs?|ss?|clauses?)(?![a-z])\.?\s*(?:nos?\.\s*)?|§{1,2}\s*)"
)
_ARTICLE = re.compile(rf"{_SECTION_WORD}(?P<article>\d+)(?!\d|\.\d)", re.IGNORECASE)
_PLACE = re.compile(
    r"\s*\((?P<p1>\d+)\)(?:\s*\((?P<i1>[a-z]|\d+)\))?"
    r"|,?\s*(?:paragraphs?|paras?\.?)\s*\(?(?P<p2>\d+)\)?(?:,?\s*(?:(?:and\s)?(?:items?|points?|sub-?paragraphs?|subparas?\.?|nos?\.?))\s*\(?(?P<i2>\d+|[a-z]\b)\)?)?"
    r"|,?\s*(?:items?|points?)\s*\(?(?P<i3>\d+|[a-z]\b)\)?"
)
_MORE = re.compile(
    r"\s*(?P<connector>,\s*and|,|and|&|to|through|-+|~)\s*(?:articles?\s|arts?\.?\s|§\s?)?(?P<article>\d+)(?![\d.%]|\s*(?:yuan|rmb|years?|days?))"
)
_LIST_ENDS = re.compile(r"\s*(?:$|[,.;:?!()]|of\b|in\b|and\b)")
_OF_SOMETHING = re.compile(r"\s+(?:of|in|from|on)\s+(?P<thing>[^,.;?!()\u4e00-\u9fff]{1,60})")
_LEGAL_THING = re.compile(
    r"\b(?:laws?|acts?|codes?|regulations?|rules?|measures|provisions?|interpretations?|directives?|conventions?|treat(?:y|ies)|constitution|"
    r"statutes?|opinions?|agreements?|standards?|ordinances?|it|them|this|that|which|china|prc)\b"
)


def english_places(folded: str, names_at: Sequence[int]) -> Iterator[Place]:
    """Articles of folded text; ``names_at``: where names of sources begin, with one of which "article 24 of …" may go on."""
    for match in _ARTICLE.finditer(folded):
        found = list(_listed(match, folded))
        if not _is_of_something_else(folded, found[-1].end, names_at):
            yield from found


def _listed(match: re.Match[str], folded: str) -> Iterator[Place]:
    """One article with its paragraph and item, or those of a list or a range. Article 30-4 is one article, articles 52-54 are three."""
    plural = (match["word"] or "§§").lower() in ("articles", "arts", "sections", "secs", "ss", "clauses", "§§")
    place = _with_paragraph(match.start(), int(match["article"]), match.end(), folded)
    last = int(match["article"])
    while more := _MORE.match(folded, place.end):
        number, connector = int(more["article"]), more["connector"].strip()
        is_range = connector in ("to", "through", "~") or connector.startswith("-")
        if connector.startswith("-") and number <= last:
            place = Place(place.start, more.end(), article_label(last, number))
            break
        if not (plural or is_range or _LIST_ENDS.match(folded, more.end())):
            break
        yield place
        if is_range:
            yield from (
                Place(more.start("article"), more.end(), article_label(inner)) for inner in between(last, number)
            )
        place = _with_paragraph(more.start("article"), number, more.end(), folded)
        last = number
    yield place


def _with_paragraph(start: int, article: int, end: int, folded: str) -> Place:
    match = _PLACE.match(folded, end)
    if not match:
        return Place(start, end, article_label(article))
    paragraph = match["p1"] or match["p2"]
    item = match["i1"] or match["i2"] or match["i3"]
    return Place(
        start,
        match.end(),
        article_label(article),
        int(paragraph) if paragraph else None,
        item_to_int(item) if item else None,
    )


def _is_of_something_else(folded: str, end: int, names_at: Sequence[int]) -> bool:
    """ "article 24 of my blog": it goes on with what is no source of law."""
    match = _OF_SOMETHING.match(folded, end)
    if not match or any(match.start() <= start <= match.end() for start in names_at):
        return False
    return not _LEGAL_THING.search(match["thing"])
