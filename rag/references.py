"""Explicit references in a question or an answer: titles, articles down to 款 and 项, and docket numbers.

    《著作权法》第24条第1款第（五）项 · 著作权法24条1款5项 · copyright law article 24(1)(5) · (2024)粤0192民初113号 · 广州奥特曼案

Names are those of the index at hand (titles, aliases, numbers). An article without a name of its own belongs to the name before it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.numerals import NUMERAL, item_to_int, to_chinese, to_int
from rag.types import DocumentMeta, Kind

_N = NUMERAL
_ARTICLE = re.compile(
    rf"(?P<ordinal>第)?\s*(?P<article>{_N})\s*条(?:之(?P<sub>{_N}))?"
    rf"(?:\s*的?第?\s*(?P<paragraph>{_N})\s*款)?"
    rf"(?:\s*的?第?\s*[(]?(?P<item>{_N})[)]?\s*项)?"
)
_BARE_PLACE = re.compile(rf"第\s*(?:(?P<paragraph>{_N})\s*款)?(?:的?第?\s*[(]?(?P<item>{_N})[)]?\s*项)?(?<=[款项])")
_ENGLISH_ARTICLE = re.compile(
    r"\b(?:articles?|art\.?|section)\s*(?P<article>\d+)(?:\s*\((?P<paragraph>\d+)\))?(?:\s*\((?P<item>[a-z]|\d+)\))?",
    re.IGNORECASE,
)
_SEVERAL = re.compile(rf"第\s*(?P<numbers>{_N}(?:\s*[、,和及]\s*{_N})+)\s*条")
_MORE_PLACES = re.compile(
    rf"\s*[、,和及]\s*第\s*(?:(?P<paragraph>{_N})\s*款)?(?:\s*[(]?(?P<item>{_N})[)]?\s*项)?(?<=[款项])"
)
_MORE_ENGLISH = re.compile(r"\s*(?:,|and|&|,\s*and)\s*(?P<article>\d+)(?![\d.%]|\s*(?:yuan|rmb|years?|days?))")
_RANGE = re.compile(rf"(?P<ordinal>第)?\s*(?P<first>{_N})\s*条?\s*(?:至|到|-|—|~|－)\s*第?\s*(?P<last>{_N})\s*条")
_DOCKET = re.compile(
    r"[(\[【〔]?(?P<year>(?:19|20)\d{2})[)\]】〕]?\s*年?\s*(?P<court>[\u4e00-\u9fff]{1,3}\s*\d{0,6})\s*"
    r"(?P<type>知?(?:民|刑|行|执|破|赔)(?:初|终|再|申|辖|特|监|提|抗))\s*(?:字第)?\s*(?P<serial>\d+)\s*号?"
)
_PLACES = (
    "北京",
    "上海",
    "广州",
    "深圳",
    "杭州",
    "天津",
    "重庆",
    "南京",
    "苏州",
    "武汉",
    "成都",
    "长沙",
    "西安",
    "厦门",
    "青岛",
)
_OTHER_OWNER = re.compile(
    rf"(?:美国|日本|韩国|英国|德国|法国|意大利|加拿大|澳大利亚|印度|新加坡|台湾|香港|澳门|外国|{'|'.join(_PLACES)})的?(?:互联网法院)?的?$"
)
_OTHER_OWNER_IN_ENGLISH = re.compile(
    r"\b(?:u\.?s\.?|american|japanese|german|french|korean|indian|uk|british|eu|european)\s+$"
)
# Names that end many longer ones: they stand alone, or after a word that leads to them.
_GENERIC = frozenset({"暂行办法", "算法规定", "换脸规定"})
_HAN_END = re.compile(r"[\u4e00-\u9fff]$")
_FUNCTION_END = re.compile(
    r"(?:[的在据按照依和与及对从了把被由是说问看读查讲述该本此用]|根据|按照|依照|请问|违反|关于|中国|国家|我国|现行|七部门)$"
)
_TITLE_WITH_ARTICLE = re.compile(
    rf"《(?P<title>[^《》]{{2,60}})》(?:\s*第\s*{_N}\s*条(?:之{_N})?(?:第{_N}款)?(?:第[(]?{_N}[)]?项)?(?:[、,和及至](?=\s*第))?)*"
)
# 指令(EU) 2019/790第4条, 条例(EU) 2024/1689第53条: articles of another act.
_NUMBERED_INSTRUMENT = re.compile(rf"[(]?EU[)]?\s*\d{{4}}/\d+\s*号?(?:指令|条例)?\s*第\s*{_N}\s*条")
_INSTRUMENT_TITLE = re.compile(
    r"(?:法|法典|条例|规定|办法|解释|规则|意见|公约|协定|条约|指引|指南|标准|通知|批复|决定|指令|细则|制度)(?:[(].{1,12}[)])?$"
)
_OF_THE = re.compile(r"\s*(?:of|in|under)\s+(?:the\s+)?(?:[a-z']+\s+){0,2}")
_TITLE_END = re.compile(r"(?:法|条例|规定|解释|办法|规则|意见|公约|act|[)])的?\s*$")
MAX_RANGE = 20
"""Articles of a range (第49条至第60条) that are looked up."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One explicit reference. ``document_ids``: all versions of what is named, newest first; empty where the index lacks it."""

    name: str | None
    document_ids: tuple[str, ...]
    article: str | None = None
    paragraph: int | None = None
    item: int | None = None
    docket: str | None = None


_Mark = tuple[int, int, Reference]
"""Start and end in folded text, and what stands there."""


class Names:
    """What the documents of an index are called, and what else people call that the index does not have.

    ``absent`` names are found like the others, so that 杭州奥特曼案 is never taken for 奥特曼案, but have no document ids.
    """

    def __init__(self, metas: Iterable[DocumentMeta], absent: Iterable[str] = ()) -> None:
        self._ids: dict[str, list[str]] = defaultdict(list)
        self._dockets: dict[str, str] = {}
        self._written: dict[str, str] = {}
        self._promulgated: dict[str, int] = {}
        self._repealed: dict[str, dt.date | None] = {}
        ordered = sorted(metas, key=lambda meta: (meta.valid_from is None, meta.valid_from), reverse=True)
        for meta in ordered:
            self._repealed[meta.id] = meta.repealed
            if meta.promulgated:
                self._promulgated[meta.id] = meta.promulgated.year
            names = {meta.title, meta.title.removeprefix("中华人民共和国"), *meta.aliases}
            if meta.number and meta.kind is not Kind.JUDGMENT:
                names.add(meta.number)
            for name in names:
                key = fold(name)
                # "论文" alone is any paper; "这篇论文" is ours.
                shortest = 3 if meta.kind is Kind.PAPER else 2
                if len(key) >= shortest and meta.id not in self._ids[key]:
                    self._ids[key].append(meta.id)
            if meta.number and (docket := _DOCKET.search(_flat(meta.number))):
                self._dockets[_docket_key(docket)] = meta.id
            if meta.appeal and meta.appeal.number and (docket := _DOCKET.search(_flat(meta.appeal.number))):
                self._dockets.setdefault(_docket_key(docket), meta.id)
        for name in absent:
            self._ids.setdefault(fold(name), [])
            self._written.setdefault(fold(name), name)
        alternatives = sorted((re.escape(name) for name in self._ids), key=len, reverse=True)
        self._pattern = re.compile("|".join(alternatives) or r"(?!)")

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, key) of every name in folded text, longest first, not overlapping, and none inside a longer name."""
        found = []
        for match in self._pattern.finditer(text):
            before, after = text[: match.start()], text[match.end() :]
            if not _inside_longer_name(before, match[0], after):
                found.append((match.start(), match.end(), match[0]))
        return found

    def __contains__(self, key: str) -> bool:
        return key in self._ids

    def ids(self, key: str) -> tuple[str, ...]:
        return tuple(self._ids.get(key, ()))

    def promulgated(self, references: Iterable[Reference]) -> frozenset[int]:
        """Years in which versions of the instruments referred to were promulgated."""
        ids = {identifier for reference in references for identifier in reference.document_ids}
        return frozenset(year for identifier, year in self._promulgated.items() if identifier in ids)

    def last_day(self, references: Iterable[Reference]) -> dt.date | None:
        """The last day on which what is referred to was in force, where only repealed versions are named (2010年著作权法第49条)."""
        repealed = [self._repealed.get(identifier) for r in references for identifier in r.document_ids]
        days = [day for day in repealed if day]
        return max(days) - dt.timedelta(days=1) if days and len(days) == len(repealed) else None

    def written(self, key: str) -> str:
        """A name as people write it."""
        return self._written.get(key, key)

    def docket(self, key: str) -> str | None:
        return self._dockets.get(key)


def _inside_longer_name(before: str, key: str, after: str) -> bool:
    """Whether ``key`` is only a part of what stands there: 出租汽车…暂行办法, 美国版权法, 上海奥特曼案, 公司法务, 5113号案."""
    if key[0].isdigit() and before[-1:].isdigit():
        return True
    if key[-1] == "法" and after[:1] and after[0] in "务定律院官学庭":
        return True
    if key.isascii():
        if _OTHER_OWNER_IN_ENGLISH.search(before):
            return True
        left, right = before[-1:], after[:1]
        return bool((left.isascii() and left.isalnum()) or (right.isascii() and right.isalnum()))
    if _OTHER_OWNER.search(before) and not key.startswith(_PLACES):
        return True
    return key in _GENERIC and bool(_HAN_END.search(before)) and not _FUNCTION_END.search(before)


def fold(text: str) -> str:
    """The form in which names are compared: NFKC, lower case, without title brackets, quotation marks, and spaces next to Han characters."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"[《》〈〉「」“”‘’\"']", "", text)
    return re.sub(r"(?<=[\u3000-\u9fff])\s+|\s+(?=[\u3000-\u9fff])", "", text).strip()


def find_references(text: str, names: Names) -> list[Reference]:
    """Every explicit reference of ``text`` in reading order, without repeats."""
    folded, unknown = _without_unknown_titles(text, names)
    marks = [_docket_mark(match, names) for match in _DOCKET.finditer(folded)]
    found = [(s, e, key) for s, e, key in names.find(folded) if not _overlaps(s, e, marks)]
    articles = [mark for mark in _article_marks(folded) if not _overlaps(mark[0], mark[1], marks)]
    owners = [_owner(mark, found, folded) for mark in articles]
    for position, (start, end, key) in enumerate(found):
        ids, name = names.ids(key), names.written(key)
        own = [mark for mark, owner in zip(articles, owners, strict=True) if owner == position]
        marks.extend((s, e, replace(r, name=name, document_ids=ids)) for s, e, r in own)
        if not own:
            marks.append((start, end, Reference(name, ids)))
    marks.extend(mark for mark, owner in zip(articles, owners, strict=True) if owner is None)
    ordered = sorted(marks, key=lambda mark: mark[:2])
    return list(
        dict.fromkeys([*(reference for _, _, reference in ordered), *(Reference(title, ()) for title in unknown)])
    )


def _without_unknown_titles(text: str, names: Names) -> tuple[str, list[str]]:
    """Folded text in which titles in 《》 that are no known name are blanked out with the articles after them; and these titles."""
    unknown: list[str] = []

    def blank(match: re.Match[str]) -> str:
        title = fold(match["title"])
        if not _INSTRUMENT_TITLE.search(title):
            return match[0]  # a novel or a film, not a source of law
        if names.ids(title) or title in names or any(title == key for _, _, key in names.find(title)):
            return match[0]
        unknown.append(match["title"])
        return " "

    return fold(_TITLE_WITH_ARTICLE.sub(blank, unicodedata.normalize("NFKC", text))), unknown


def _docket_mark(match: re.Match[str], names: Names) -> _Mark:
    label = _docket_label(match)
    document = names.docket(_docket_key(match))
    return match.start(), match.end(), Reference(label, (document,) if document else (), docket=label)


def _owner(mark: _Mark, found: Sequence[tuple[int, int, str]], folded: str) -> int | None:
    """Which name an article belongs to: the one after it in "article 24 of the Copyright Law", else the one before it, else the first."""
    start, end, _ = mark
    for position, (name_start, _, _) in enumerate(found):
        if name_start >= end and _OF_THE.fullmatch(folded[end:name_start]):
            return position
    before = [position for position, (_, name_end, _) in enumerate(found) if name_end <= start]
    if before:
        return before[-1]
    return 0 if found else None


def without_names(text: str, names: Names) -> str:
    """``text`` folded, without the names of sources: what is asked about them."""
    folded = fold(text)
    for start, end, _ in reversed(names.find(folded)):
        folded = f"{folded[:start]} {folded[end:]}"
    return _DOCKET.sub(" ", folded).strip()


def bare_place(text: str) -> tuple[int | None, int | None] | None:
    """款 and 项 that a text names without an article (那第二款呢); None where it names an article or neither."""
    folded = fold(text)
    if _article_marks(folded):
        return None
    found = _BARE_PLACE.search(folded)
    if not found:
        return None
    paragraph, item = (to_int(found[part]) if found[part] else None for part in ("paragraph", "item"))
    return (paragraph, item)


def article_label(number: int, sub: int | None = None) -> str:
    return f"第{to_chinese(number)}条" + (f"之{to_chinese(sub)}" if sub else "")


def cited_articles(text: str) -> list[Reference]:
    """Articles that a statute's text refers to within itself (第十条第一款, 本法第五十四条), other instruments' left out."""
    own = _TITLE_WITH_ARTICLE.sub(" ", unicodedata.normalize("NFKC", text))
    own = _NUMBERED_INSTRUMENT.sub(" ", own)
    return [reference for _, _, reference in _article_marks(fold(own), strict=True)]


def named_articles(text: str, names: Names) -> list[Reference]:
    """References of a judgment's or paper's text that name both instrument and article."""
    return [reference for reference in find_references(text, names) if reference.article and reference.document_ids]


def _article_marks(folded: str, *, strict: bool = False) -> list[_Mark]:
    """Articles of folded text; ``strict`` takes only 第N条, as statutes write it."""
    marks = _range_marks(folded)
    marks += _chinese_marks(folded, strict=strict, taken=marks)
    if not strict:
        marks += _english_marks(folded)
    return sorted(marks, key=lambda mark: mark[:2])


def _range_marks(folded: str) -> list[_Mark]:
    """第49条至第54条; 第3、10条."""
    marks: list[_Mark] = []
    for match in _RANGE.finditer(folded):
        first, last = to_int(match["first"]), to_int(match["last"])
        is_article = match["ordinal"] or _TITLE_END.search(folded[: match.start()])
        if is_article and first and last and first < last <= first + MAX_RANGE:
            for number in range(first, last + 1):
                marks.append((match.start(), match.end(), Reference(None, (), article_label(number))))
    for match in _SEVERAL.finditer(folded):
        for number in re.findall(_N, match["numbers"]):
            value = to_int(number)
            if value is not None and not _overlaps(
                match.start(), match.end(), [m for m in marks if m[0] != match.start()]
            ):
                marks.append((match.start(), match.end(), Reference(None, (), article_label(value))))
    return marks


def _chinese_marks(folded: str, *, strict: bool, taken: Sequence[_Mark]) -> list[_Mark]:
    marks: list[_Mark] = []
    for match in _ARTICLE.finditer(folded):
        number = to_int(match["article"])
        if number is None or _overlaps(match.start(), match.end(), taken):
            continue
        # "三条建议" counts things; an article has 第, or follows a title as 著作权法24条 does, or has a 款 or 项.
        follows_title = _TITLE_END.search(folded[: match.start()])
        if not match["ordinal"] and (strict or not (follows_title or match["paragraph"] or match["item"])):
            continue
        sub = to_int(match["sub"]) if match["sub"] else None
        article = article_label(number, sub)
        for paragraph, item, end in _places(match, folded):
            marks.append((match.start(), end, Reference(None, (), article, paragraph, item)))
    return marks


def _places(match: re.Match[str], folded: str) -> list[tuple[int | None, int | None, int]]:
    """款 and 项 of an article reference, and those listed after it (第一款、第二款; 第5项和第6项), with where each ends."""
    paragraph, item = (to_int(match[part]) if match[part] else None for part in ("paragraph", "item"))
    places = [(paragraph, item, match.end())]
    if paragraph is None and item is None:
        return places
    while more := _MORE_PLACES.match(folded, places[-1][2]):
        paragraph = to_int(more["paragraph"]) if more["paragraph"] else paragraph
        places.append((paragraph, to_int(more["item"]) if more["item"] else None, more.end()))
    return places


def _english_marks(folded: str) -> list[_Mark]:
    marks: list[_Mark] = []
    for match in _ENGLISH_ARTICLE.finditer(folded):
        paragraph = int(match["paragraph"]) if match["paragraph"] else None
        item = item_to_int(match["item"]) if match["item"] else None
        article = article_label(int(match["article"]))
        marks.append((match.start(), match.end(), Reference(None, (), article, paragraph, item)))
        end = match.end()
        while match[0].startswith("articles") and (more := _MORE_ENGLISH.match(folded, end)):
            end = more.end()
            marks.append((more.start("article"), end, Reference(None, (), article_label(int(more["article"])))))
    return marks


def _overlaps(start: int, end: int, marks: Iterable[_Mark]) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end, _ in marks)


def _flat(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _docket_key(match: re.Match[str]) -> str:
    return f"{match['year']}{_court(match)}{match['type']}{int(match['serial'])}"


def _court(match: re.Match[str]) -> str:
    return re.sub(r"\s", "", match["court"])


def _docket_label(match: re.Match[str]) -> str:
    return f"({match['year']}){_court(match)}{match['type']}{int(match['serial'])}号"


def dockets_in(text: str) -> list[str]:
    """Docket numbers in a text, in their standard form."""
    return [_docket_label(match) for match in _DOCKET.finditer(_flat(text))]
