"""Explicit references in a question or an answer: which source, which article down to 款 and 项, which docket number.

    《著作权法》第24条第1款第（五）项 · 著作权法24条1款5项 · copyright law article 24(1)(5) · (2024)粤0192民初113号 · 广州奥特曼案

Names are those of the index at hand (``rag.names``). An article without a name of its own belongs to the name next to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.articles import places
from rag.fold import fold, kept, spelled
from rag.mentions import Mention, is_instrument_title, mentions
from rag.names import Names
from rag.numerals import NUMERAL
from rag.place import Place

_N = NUMERAL
_TITLE_WITH_ARTICLE = re.compile(
    rf"《(?P<title>[^《》]{{2,60}})》(?:\s*第\s*{_N}\s*条(?:之{_N})?(?:第{_N}款)?(?:第[(]?{_N}[)]?项)?(?:[、,和及至](?=\s*第))?)*"
)
# 指令(EU) 2019/790第4条, 条例(EU) 2024/1689第53条: articles of another act.
_NUMBERED_INSTRUMENT = re.compile(rf"[(]?EU[)]?\s*\d{{4}}/\d+\s*号?(?:指令|条例)?\s*第\s*{_N}\s*条", re.IGNORECASE)
_OF_THE = re.compile(r"\s*,?\s*(?:of|in|under)?\s*(?:the\s+)?(?:[a-z]+\s+){0,2}?")
_NEXT_TO_NAME = re.compile(
    r"[\s,:]*(?:\([^()]{0,20}\))?\s*(?:的|之|中|里|内|上|所|规定|版|修正|修订|in|under)*[\s,:]*(?:的)?"
)
_PLACE_AT_END = re.compile(rf"第?{_N}条(?:[之の]{_N})?$")
_BLANK = "\ufffc"


@dataclass(frozen=True, slots=True)
class Reference:
    """One explicit reference. ``document_ids``: all versions of what is named, newest first; empty where the index lacks it."""

    name: str | None
    document_ids: tuple[str, ...]
    article: str | None = None
    paragraph: int | None = None
    item: int | None = None
    docket: str | None = None


def find_references(text: str, names: Names) -> list[Reference]:
    """Every explicit reference of ``text`` in reading order, without repeats; titles in 《》 that nothing is known of come last."""
    folded, named, unknown = _read(text, names)
    found = places(
        _without(named, folded),
        name_ends=[mention.end for mention in named if mention.is_instrument],
        names_at=[mention.start for mention in named],
    )
    owners = [_owner(place, named, folded) for place in found]
    marks: list[tuple[int, Reference]] = []
    for position, mention in enumerate(named):
        own = [place for place, owner in zip(found, owners, strict=True) if owner == position]
        marks += [(place.start, _reference(place, mention)) for place in own]
        if not own and not mention.foreign:
            marks.append((mention.start, Reference(mention.name, mention.document_ids, docket=mention.docket)))
    marks += [(place.start, _reference(place)) for place, owner in zip(found, owners, strict=True) if owner is None]
    ordered = [reference for _, reference in sorted(marks, key=lambda mark: mark[0])]
    return list(dict.fromkeys([*ordered, *(Reference(title, ()) for title in unknown)]))


def without_names(text: str, names: Names) -> str:
    """``text`` folded, without the names and numbers of sources: what is asked about them."""
    folded = fold(text)
    for mention in reversed(mentions(folded, names)):
        folded = f"{folded[: mention.start]} {folded[mention.end :]}"
    return folded.strip()


def cited_articles(text: str) -> list[Reference]:
    """Articles that a statute's text refers to within itself (第十条第一款, 本法第五十四条), other instruments' left out."""
    own = _NUMBERED_INSTRUMENT.sub(" ", _TITLE_WITH_ARTICLE.sub(" ", spelled(text)))
    return [_reference(place) for place in places(fold(own), strict=True)]


def named_articles(text: str, names: Names) -> list[Reference]:
    """References of a judgment's or paper's text that name both instrument and article."""
    return [reference for reference in find_references(text, names) if reference.article and reference.document_ids]


def _reference(place: Place, mention: Mention | None = None) -> Reference:
    name, ids = (mention.name, mention.document_ids) if mention else (None, ())
    return Reference(name, ids, place.article, place.paragraph, place.item)


def _read(text: str, names: Names) -> tuple[str, list[Mention], list[str]]:
    """Folded text, the mentions in it, and titles in 《》 that are no known name: these are blanked out with the articles after them."""
    spelling = spelled(text)
    if "《" not in spelling:
        folded = fold(text)
        return folded, mentions(folded, names, foreign=True), []
    unknown: list[str] = []
    for match in reversed(list(_unknown_titles(spelling, names))):
        unknown.insert(0, match["title"])
        spelling = f"{spelling[: match.start()]} \n {spelling[match.end() :]}"
    folded = fold(spelling)
    return folded, mentions(folded, names, foreign=True), unknown


def _unknown_titles(spelling: str, names: Names) -> Iterator[re.Match[str]]:
    """Titles of instruments in 《》 that are neither known nor a part of a known name."""
    positions = kept(spelling)
    known: list[tuple[int, int]] | None = None
    for match in _TITLE_WITH_ARTICLE.finditer(spelling):
        title = fold(match["title"])
        if not is_instrument_title(title) or _is_known(title, names):
            continue  # a novel or a film is no source of law
        if known is None:
            folded = "".join(spelling[position] for position in positions)
            known = [(positions[m.start], positions[m.end - 1]) for m in mentions(folded, names)]
        if not any(start <= match.start("title") and match.end("title") <= end + 1 for start, end in known):
            yield match


def _is_known(title: str, names: Names) -> bool:
    """Whether a folded title is a name of a document or of something known to be absent."""
    return names.held(title) is not None or any(m.end - m.start == len(title) for m in mentions(title, names))


def _without(named: Iterable[Mention], folded: str) -> str:
    """Folded text of the same length in which names are blank, so that none is read as a place (…适用刑法第十二条…); but a place that ends a
    name (日本著作权法第30条之4) is asked for."""
    for mention in named:
        written = folded[mention.start : mention.end]
        place = None if mention.docket else _PLACE_AT_END.search(written)
        end = mention.start + place.start() if place else mention.end
        folded = folded[: mention.start] + _BLANK * (end - mention.start) + folded[end:]
    return folded


def _owner(place: Place, named: Sequence[Mention], folded: str) -> int | None:
    """Which mention an article belongs to: the one right before it, the one after it in "article 24 of the Copyright Law", else the last
    instrument before it, else the first mention; never a docket number."""
    able = [(position, mention) for position, mention in enumerate(named) if not mention.docket]
    before = [(position, mention) for position, mention in able if mention.start <= place.start]
    if before:
        position, last = before[-1]
        if place.start < last.end or (last.is_instrument and _NEXT_TO_NAME.fullmatch(folded, last.end, place.start)):
            return position
    for position, mention in able:
        if mention.start >= place.end and _OF_THE.fullmatch(folded, place.end, mention.start):
            return position
    instruments = [position for position, mention in before if mention.is_instrument]
    others = [position for position, _ in (before[-1:] or able[:1])]
    return next(iter(instruments[-1:] or others), None)
