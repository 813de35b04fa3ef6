"""Places in an instrument: 条, 款 and 项, in every form that people type them.

第24条第1款第（五）项 · 24条1款5项 · 第二百八十六条之一 · 第52条至第54条 · 第52、53条和第54条 · 著作权法24(1)(5) · 民法典1165
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rag.articles_in_english import english_places
from rag.data import word_list
from rag.fold import fold
from rag.numerals import CHINESE_DIGITS, NUMERAL, item_to_int, to_int
from rag.place import Place, article_label, between

_N = NUMERAL
_LIST = r"(?:[、,/+]|以及|和|及|与|或者?|跟)"
_TO = r"(?:至|到|-+|~)"
_NUMBERS = rf"{_N}(?:之{_N})?(?:\s*(?:{_LIST}|{_TO})\s*第?\s*{_N}(?:之{_N})?){{0,30}}"
_ARTICLES = re.compile(
    rf"(?:(?P<ordinal>第)\s*|(?<![\d.{CHINESE_DIGITS}]))(?P<numbers>{_NUMBERS})\s*条(?!条)(?:[之の](?P<sub>{_N}))?"
)
_ONE = re.compile(rf"(?P<connector>\s*(?:{_LIST}|{_TO})\s*)?第?\s*(?P<article>{_N})(?:之(?P<sub>{_N}))?")
_CONNECTOR = re.compile(rf"\s*(?:(?P<list>{_LIST})|(?P<to>{_TO}))\s*")
_JOINED = rf"(?:\s*(?:{_LIST}|{_TO})\s*第?\s*[(]?{_N}[)]?){{0,30}}"
_PARAGRAPHS_AND_ITEMS = re.compile(
    rf"\s*[的之]?[,(]?(?:第?\s*(?P<paragraphs>[(]?{_N}[)]?{_JOINED})\s*款)?"
    rf"(?:\s*[的之]?[,(]?第?\s*(?P<items>[(]?{_N}[)]?{_JOINED})\s*项)?"
)
_BRACKETS = re.compile(rf"\s*[的之]?\((?P<first>{_N}|[a-z])\)(?:\s*\((?P<second>{_N}|[a-z])\))?")
_MORE_PLACES = re.compile(rf"\s*(?:(?P<list>{_LIST})|(?P<to>{_TO}))\s*第?(?=\s*[(]?{_N}[)]?\s*[款项])")
_BARE_PLACE = re.compile(rf"第\s*(?:(?P<paragraph>{_N})\s*款)?(?:的?第?\s*[(]?(?P<item>{_N})[)]?\s*项)?(?<=[款项])")
# 24条 after a title that the index does not know; 做法, 想法 and the like are no titles.
_TITLE_BEFORE = re.compile(
    r"(?:(?<![想做方用看说手写算语书合违非司无打玩画作疗])法|条例|规定|解释|(?:管理|暂行|实施)办法|公约|act|法\(.{1,12}\))的?\s*$"
)

_COUNTED = re.compile("|".join(sorted(map(re.escape, word_list("counted_things")), key=len, reverse=True)))
_ADJECTIVE = r"(?:(?!规定|所[称述]|[中里下])[\u4e00-\u9fffa-z]{1,2}的|ai[\u4e00-\u9fff]{0,3}|[新好坏大小长短]|重要|国产|免费|付费)?"
_COUNTS_THINGS = re.compile(rf"{_ADJECTIVE}(?:{_COUNTED.pattern})")
_ASKED_OF_BARE_NUMBER = re.compile(
    r"(?:$|[\s,.;:!?。、()]|怎|是|规定|内容|说|讲|写|全文|原文|呢|吗|什么|如何|的|里|中|和|与|及|至|到|-|~|第?[\d一二三四五六七八九十]+款)"
)
_BARE_NUMBER = re.compile(
    rf"[\s:：,]?(?P<ordinal>第)?\s?(?P<article>{_N})(?P<subs>(?:\s?\(\d+\)(?:\s?\((?:[a-z]|\d+)\))?)?)"
)
_YEARS = range(1900, 2100)
_REACH = 24
"""Characters before a number in which a title would stand."""


def places(
    folded: str, *, name_ends: Sequence[int] = (), names_at: Sequence[int] = (), strict: bool = False
) -> list[Place]:
    """Every place that folded text names, in reading order.

    Args:
        name_ends: where names of sources end: a number next to one needs no 第 and no 条 (著作权法24).
        names_at: where names begin: "article 24 of …" must go on with one, or with some other law.
        strict: take only 第N条, as statutes write it.
    """
    found = list(_chinese(folded, name_ends, names_at, strict=strict))
    if not strict:
        found += [place for place in english_places(folded, names_at) if not _overlaps(place, found)]
        found += [place for place in _bare_numbers(folded, name_ends) if not _overlaps(place, found)]
    return sorted(found, key=lambda place: place.start)


def bare_place(text: str) -> tuple[int | None, int | None] | None:
    """款 and 项 that a text names without an article (那第二款呢); None where it names an article or neither."""
    folded = fold(text)
    if places(folded):
        return None
    for found in _BARE_PLACE.finditer(folded):
        if not _COUNTS_THINGS.match(folded, found.end()):
            paragraph, item = (to_int(found[part]) if found[part] else None for part in ("paragraph", "item"))
            return (paragraph, item)
    return None


def _chinese(folded: str, name_ends: Sequence[int], names_at: Sequence[int], *, strict: bool) -> Iterator[Place]:
    last_number, last_end = None, -1
    for match in _ARTICLES.finditer(folded):
        connector = _CONNECTOR.fullmatch(folded, last_end, match.start()) if last_end >= 0 else None
        numbers = list(_numbers_of(match, folded))
        by_name = match.end() in names_at or _is_next_to(match.start(), name_ends, folded)
        if not numbers or not _is_article(match, folded, by_name=by_name, continues=bool(connector), strict=strict):
            last_end = -1
            continue
        first, first_sub = numbers[0][1:]
        if connector and connector["to"] and last_number and not first_sub:
            for number in between(last_number, first):
                yield Place(match.start(), match.start(), article_label(number))
        for start, number, sub in numbers[:-1]:
            yield Place(start, start + 1, article_label(number, sub))
        start, number, sub = numbers[-1]
        end = match.end()
        for paragraph, item, end in _within(folded, match.end(), strict=strict):
            yield Place(start, end, article_label(number, sub), paragraph, item)
        last_number, last_end = (None if sub else number), end


def _numbers_of(match: re.Match[str], folded: str) -> Iterator[tuple[int, int, int | None]]:
    """(start, number, 之N) of every article that one 条 covers; a range's inner ones included."""
    last: int | None = None
    written = list(_ONE.finditer(folded, match.start("numbers"), match.end("numbers")))
    for one in written:
        number, sub = to_int(one["article"]), to_int(one["sub"]) if one["sub"] else None
        if number is None:
            continue
        if one is written[-1] and match["sub"]:
            sub = to_int(match["sub"])
        if one["connector"] and re.search(_TO, one["connector"]) and last is not None:
            yield from ((one.start("article"), inner, None) for inner in between(last, number))
        yield one.start("article") if one is not written[0] else match.start(), number, sub
        last = number


def _is_article(match: re.Match[str], folded: str, *, by_name: bool, continues: bool, strict: bool) -> bool:
    """Whether N条 is a place. "三条建议" counts things; an article has 第, or stands by a name or another article, or has a 款 or 项."""
    if strict:
        return bool(match["ordinal"])
    if _COUNTS_THINGS.match(folded, match.end()) and not (by_name and match["ordinal"]):
        return False
    if match["ordinal"] or by_name or continues:
        return True
    after = _PARAGRAPHS_AND_ITEMS.match(folded, match.end())
    if after and (after["paragraphs"] or after["items"]):
        return True
    return bool(_TITLE_BEFORE.search(folded[max(0, match.start() - _REACH) : match.start()]))


def _is_next_to(start: int, name_ends: Iterable[int], folded: str) -> bool:
    return any(end <= start <= end + _REACH and not folded[end:start].strip(" ,:的之中里上内面") for end in name_ends)


def _within(folded: str, end: int, *, strict: bool) -> Iterator[tuple[int | None, int | None, int]]:
    """款 and 项 that follow an article, those listed with them too, each with where it ends; (None, None) where none do."""
    match = _PARAGRAPHS_AND_ITEMS.match(folded, end)
    if match is None or not (match["paragraphs"] or match["items"]):
        yield _in_brackets(folded, end) if not strict else (None, None, end)
        return
    paragraph: int | None = None
    item: int | None = None
    more: re.Match[str] | None = None
    while match and (match["paragraphs"] or match["items"]):
        end = match.end()
        is_range = more is not None and bool(more["to"])
        paragraphs: list[int | None] = list(_integers(match["paragraphs"], since=paragraph if is_range else None))
        paragraphs = paragraphs or [paragraph]
        items: list[int | None] = list(_integers(match["items"], since=item if is_range else None))
        bracket = None if items or strict else _in_brackets(folded, end)
        if bracket and bracket[1] is not None and bracket[0] is None:
            items, end = [bracket[1]], bracket[2]
        for paragraph in paragraphs[:-1]:
            yield paragraph, None, end
        paragraph = paragraphs[-1]
        for item in items or [None]:
            yield paragraph, item, end
        more = _MORE_PLACES.match(folded, end)
        match = _PARAGRAPHS_AND_ITEMS.match(folded, more.end()) if more else None


def _in_brackets(folded: str, end: int) -> tuple[int | None, int | None, int]:
    """24条(1)(5): 款 and 项; 24条(五): the 项 alone."""
    match = _BRACKETS.match(folded, end)
    if not match:
        return None, None, end
    first, second = (item_to_int(match[part]) if match[part] else None for part in ("first", "second"))
    return (first, second, match.end()) if match["second"] else (None, first, match.end())


def _integers(text: str | None, *, since: int | None = None) -> list[int]:
    """Numbers of a list such as 5、6 or （一）至（三）, ranges written out; ``since``: what a range that ends in the first began with."""
    numbers: list[int] = []
    for written in re.finditer(rf"(?P<gap>[^{CHINESE_DIGITS}\d]*)(?P<number>{_N})", text or ""):
        number = to_int(written["number"])
        if number is None:
            continue
        last = numbers[-1] if numbers else since
        if last is not None and (not numbers or re.search(_TO, written["gap"])):
            numbers += between(last, number)
        numbers.append(number)
    return numbers


def _bare_numbers(folded: str, name_ends: Iterable[int]) -> Iterator[Place]:
    """著作权法24(1)(5), 民法典1165, civil code 1195: a number next to a name, that is no year and counts nothing."""
    for end in name_ends:
        match = _BARE_NUMBER.match(folded, end)
        number = to_int(match["article"]) if match else None
        if match is None or number is None or number in _YEARS:
            continue
        brackets = _BRACKETS.match(match["subs"])
        if not brackets and not _ASKED_OF_BARE_NUMBER.match(folded, match.end()):
            continue
        if not (brackets or match["ordinal"] or match["article"].isdigit() or len(match["article"]) > 1):
            continue
        paragraph, item = (
            item_to_int(brackets[part]) if brackets and brackets[part] else None for part in ("first", "second")
        )
        yield Place(match.start("article"), match.end(), article_label(number), paragraph, item)


def _overlaps(place: Place, others: Iterable[Place]) -> bool:
    return any(place.start < other.end and other.start < place.end for other in others)
