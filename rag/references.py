"""Explicit references in a question or an answer: titles, articles down to 款 and 项, and docket numbers.

    《著作权法》第24条第1款第（五）项 · 著作权法24条1款5项 · copyright law article 24(1)(5) · (2024)粤0192民初113号 · 广州奥特曼案

Names are those of the index at hand (titles, aliases, numbers). An article without a name of its own belongs to the name before it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.numerals import CHINESE_DIGITS, item_to_int, to_chinese, to_int
from rag.types import DocumentMeta, Kind

_N = rf"(?:[{CHINESE_DIGITS}]+|\d+)"
_ARTICLE = re.compile(
    rf"(?P<ordinal>第)?\s*(?P<article>{_N})\s*条(?:之(?P<sub>[{CHINESE_DIGITS}]+))?"
    rf"(?:\s*的?第?\s*(?P<paragraph>{_N})\s*款)?"
    rf"(?:\s*的?第?\s*[(]?(?P<item>{_N})[)]?\s*项)?"
)
_BARE_PLACE = re.compile(rf"第\s*(?:(?P<paragraph>{_N})\s*款)?(?:的?第?\s*[(]?(?P<item>{_N})[)]?\s*项)?(?<=[款项])")
_ENGLISH_ARTICLE = re.compile(
    r"\b(?:articles?|art\.?|section)\s*(?P<article>\d+)(?:\s*\((?P<paragraph>\d+)\))?(?:\s*\((?P<item>[a-z]|\d+)\))?",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"第?\s*(?P<first>{_N})\s*条?\s*(?:至|到|-|—|~|－)\s*第?\s*(?P<last>{_N})\s*条")
_DOCKET = re.compile(
    r"[(\[【〔]?(?P<year>(?:19|20)\d{2})[)\]】〕]?\s*年?\s*(?P<court>[\u4e00-\u9fff]{1,2}\d{0,4})\s*"
    r"(?P<type>(?:知)?(?:民|刑|行|执|破)(?:初|终|再|申|辖|特|监)[\u4e00-\u9fff]?)\s*(?:字第)?(?P<serial>\d+)\s*号?"
)
_BRACKETED_TITLE = re.compile(r"《([^《》]{2,60})》")
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
        ordered = sorted(metas, key=lambda meta: (meta.valid_from is None, meta.valid_from), reverse=True)
        for meta in ordered:
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
        """(start, end, key) of every name in folded text, longest first, not overlapping; Latin names only as whole words."""
        found = []
        for match in self._pattern.finditer(text):
            key = match[0]
            inside_word = key.isascii() and (
                (text[match.start() - 1 : match.start()].isalnum() and text[match.start() - 1].isascii())
                or (text[match.end() : match.end() + 1].isalnum() and text[match.end()].isascii())
            )
            if not inside_word:
                found.append((match.start(), match.end(), key))
        return found

    def ids(self, key: str) -> tuple[str, ...]:
        return tuple(self._ids.get(key, ()))

    def written(self, key: str) -> str:
        """A name as people write it."""
        return self._written.get(key, key)

    def docket(self, key: str) -> str | None:
        return self._dockets.get(key)


def fold(text: str) -> str:
    """The form in which names are compared: NFKC, lower case, without title brackets, quotation marks, and spaces next to Han characters."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"[《》〈〉「」“”‘’\"']", "", text)
    return re.sub(r"(?<=[\u3000-\u9fff])\s+|\s+(?=[\u3000-\u9fff])", "", text).strip()


def find_references(text: str, names: Names) -> list[Reference]:
    """Every explicit reference of ``text`` in reading order, without repeats."""
    folded = fold(text)
    marks: list[_Mark] = []
    dockets = [(m.start(), m.end(), m) for m in _DOCKET.finditer(_flat(folded))]
    for start, end, match in dockets:
        key = _docket_key(match)
        document = names.docket(key)
        marks.append(
            (
                start,
                end,
                Reference(_docket_label(match), (document,) if document else (), docket=_docket_label(match)),
            )
        )
    found = [(s, e, key) for s, e, key in names.find(folded) if not _overlaps(s, e, marks)]
    articles = _article_marks(folded)
    for position, (start, end, key) in enumerate(found):
        following = found[position + 1][0] if position + 1 < len(found) else len(folded)
        own = [(s, e, r) for s, e, r in articles if end <= s < following]
        # An article before any name ("第24条，著作权法") belongs to the first name.
        if position == 0:
            own = [(s, e, r) for s, e, r in articles if e <= start] + own
        ids, name = names.ids(key), names.written(key)
        if not own:
            marks.append((start, end, Reference(name, ids)))
        marks.extend((s, e, Reference(name, ids, r.article, r.paragraph, r.item)) for s, e, r in own)
    if not found:
        marks.extend(articles)
    unique = dict.fromkeys(reference for _, _, reference in sorted(marks, key=lambda mark: mark[:2]))
    return list(unique)


def without_names(text: str, names: Names) -> str:
    """``text`` folded, without the names of sources: what is asked about them."""
    folded = fold(text)
    for start, end, _ in reversed(names.find(folded)):
        folded = f"{folded[:start]} {folded[end:]}"
    return folded.strip()


def unknown_titles(text: str, names: Names) -> list[str]:
    """Titles in 《》 that name nothing known."""
    return [title for title in _BRACKETED_TITLE.findall(text) if not names.find(fold(title))]


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
    """Articles that a statute's text refers to within itself (第十条第一款, 本法第五十四条)."""
    return [reference for _, _, reference in _article_marks(fold(text), strict=True)]


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
    marks: list[_Mark] = []
    for match in _RANGE.finditer(folded):
        first, last = to_int(match["first"]), to_int(match["last"])
        if first and last and first < last <= first + MAX_RANGE:
            for number in range(first, last + 1):
                marks.append((match.start(), match.end(), Reference(None, (), article_label(number))))
    return marks


def _chinese_marks(folded: str, *, strict: bool, taken: Sequence[_Mark]) -> list[_Mark]:
    marks: list[_Mark] = []
    for match in _ARTICLE.finditer(folded):
        number = to_int(match["article"])
        if not number or _overlaps(match.start(), match.end(), taken):
            continue
        # "三条建议" counts things; an article has 第, or follows a title as 著作权法24条 does, or has a 款 or 项.
        follows_title = re.search(r"[法例定释规办章见约)act]的?\s*$", folded[: match.start()])
        if not match["ordinal"] and (strict or not (follows_title or match["paragraph"] or match["item"])):
            continue
        sub, paragraph, item = (to_int(match[part]) if match[part] else None for part in ("sub", "paragraph", "item"))
        marks.append((match.start(), match.end(), Reference(None, (), article_label(number, sub), paragraph, item)))
    return marks


def _english_marks(folded: str) -> list[_Mark]:
    marks: list[_Mark] = []
    for match in _ENGLISH_ARTICLE.finditer(folded):
        paragraph = int(match["paragraph"]) if match["paragraph"] else None
        item = item_to_int(match["item"]) if match["item"] else None
        article = article_label(int(match["article"]))
        marks.append((match.start(), match.end(), Reference(None, (), article, paragraph, item)))
    return marks


def _overlaps(start: int, end: int, marks: Iterable[_Mark]) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end, _ in marks)


def _flat(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _docket_key(match: re.Match[str]) -> str:
    return f"{match['year']}{match['court']}{match['type']}{int(match['serial'])}"


def _docket_label(match: re.Match[str]) -> str:
    return f"({match['year']}){match['court']}{match['type']}{int(match['serial'])}号"


def dockets_in(text: str) -> list[str]:
    """Docket numbers in a text, in their standard form."""
    return [_docket_label(match) for match in _DOCKET.finditer(_flat(text))]
