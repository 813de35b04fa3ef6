"""Numbers that name one case or instrument: 案号 of courts, 文号 and 令 of authorities, codes of standards and of foreign courts.

(2024)粤0192民初113号 · 〔2024〕粤 0192 民初字第 113 号 · 法释〔2020〕19号 · 主席令第六十二号 · 国务院第634号令 · GB 45438 · C-250/25
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag.fold import fold, spelled
from rag.numerals import NUMERAL, to_int

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼兵"
_PROCEDURE = (
    r"(?:知?(?:民|刑|行|执|破|赔|知|商|海)(?:初|终|再|申|辖|特|监|提|抗|撤|异|复|恢|保|他|督|更|审)|(?<=\d)(?:执|破))"
)
_OPEN, _CLOSE = r"[(\[【〔〖]", r"[)\]】〕〗]"
_SERIAL = r"\s*(?:字)?\s*第?\s*(?P<serial>\d+)\s*"
_DOCKET = re.compile(
    rf"(?<!\d){_OPEN}?\s*(?P<year>(?:19|20)\d{{2}})\s*年?\s*{_CLOSE}?\s*年?\s*"
    rf"(?P<court>[\u4e00-\u9fff]{{0,4}}?\s*\d{{0,6}})\s*(?P<type>{_PROCEDURE}){_SERIAL}号?"
)
_DOCKET_WITHOUT_YEAR = re.compile(
    rf"(?P<court>(?:[{_PROVINCES}]\s*\d{{0,6}}|最高法))\s*(?P<type>{_PROCEDURE}){_SERIAL}号"
)

_BODY = r"[\u4e00-\u9fff、]"
_ISSUED = re.compile(
    rf"(?P<body>{_BODY}{{2,12}}){_OPEN}?\s*(?P<year>(?:19|20)\d{{2}})\s*年?\s*{_CLOSE}?\s*年?\s*第?\s*(?P<serial>{NUMERAL})\s*(?P<hao>号)?"
)
_ORDER = re.compile(
    rf"(?P<body>{_BODY}{{2,40}}令)\s*(?:{_OPEN}?\d{{4}}年?{_CLOSE}?)?\s*{_OPEN}?第?\s*(?P<serial>{NUMERAL})\s*号{_CLOSE}?"
)
_ORDER_AFTER_NUMBER = re.compile(
    rf"(?P<before>{_BODY}{{2,20}}?)?第?\s*(?P<serial>{NUMERAL})\s*号(?P<body>{_BODY}{{0,12}}?令)"
)
_SHORT_ISSUERS = {
    "国家互联网信息办公室": ("国家网信办", "网信办"),
    "国家市场监督管理总局": ("市场监管总局",),
    "工业和信息化部": ("工信部",),
    "国家版权局": ("版权局",),
}
_WELL_KNOWN = ("法释", "法发", "国发", "国办发", "高检发释字", "主席令", "国务院令")
"""Series whose numbers are read as such even where the index has none of that number."""

_US_DOCKET = re.compile(r"(?P<division>\d:)?(?P<year>\d{2})-(?P<kind>cv|md|cr|mc)-0*(?P<serial>\d+)(?P<judge>-[a-z]+)?")
_STANDARD = re.compile(r"(?P<series>gb(?:/?t)?)\s?(?P<serial>\d{3,6})(?P<year>-\d{4})?")
_EU_ACT = re.compile(r"\(eu\) (?P<number>\d{4}/\d+)")
_UK_CITATION = re.compile(r"(?P<citation>ewhc \d+|ewca civ \d+|uksc \d+)")


@dataclass(frozen=True, slots=True)
class Number:
    """A number in folded text. ``key`` is the same for all its spellings, ``label`` its standard form."""

    start: int
    end: int
    key: str
    label: str


def dockets(folded: str) -> list[Number]:
    """案号 of folded text, with their year."""
    return [_docket(match, f"({match['year']})") for match in _DOCKET.finditer(folded)]


def dockets_without_year(folded: str) -> list[Number]:
    """案号 whose year is left out: 粤0192民初113号. The key is what the full number ends in."""
    return [_docket(match, "") for match in _DOCKET_WITHOUT_YEAR.finditer(folded)]


def dockets_in(text: str) -> list[str]:
    """案号 of a text, in their standard form."""
    return [number.label for number in dockets(spelled(text))]


def without_year(docket: str) -> str:
    """``(2024)粤0192民初113号`` → ``粤0192民初113号``."""
    return docket.partition(")")[2]


def issued_numbers(folded: str, known: Callable[[str], bool]) -> list[Number]:
    """文号 and 令 of folded text: those whose key is ``known``, and those of well-known series that the index lacks."""
    found: list[Number] = []
    for match, bodies in _candidates(folded):
        keys = [(start, _issued_key(body, match)) for start, body in bodies]
        chosen = next(((start, key) for start, key in keys if known(key)), None)
        if "hao" not in match.groupdict() or match["hao"]:
            chosen = chosen or next((pair for pair in keys if pair[1].startswith(_WELL_KNOWN)), None)
        if chosen and not any(other.start < match.end() and chosen[0] < other.end for other in found):
            found.append(Number(chosen[0], match.end(), chosen[1], chosen[1]))
    return sorted(found, key=lambda number: number.start)


def issued_keys(number: str) -> list[str]:
    """Keys of a 文号 or 令 as a document's front matter gives it; each of several issuers gives one. Empty for what is neither."""
    folded = fold(number)
    if match := _ISSUED.fullmatch(folded):
        return [_issued_key(match["body"], match)]
    match = _ORDER.fullmatch(folded)
    if not match:
        return []
    full = match["body"].removesuffix("令")
    issuers = [full, *re.split(r"、|和(?=国家)|等.{1,4}部门", full)]
    issuers += [short for issuer in issuers for short in _SHORT_ISSUERS.get(issuer, ())]
    return list(dict.fromkeys(_issued_key(f"{issuer}令", match) for issuer in issuers if len(issuer) > 1))


def code_forms(number: str) -> set[str]:
    """Folded spellings of a standard's, an EU act's or a foreign court's number; empty for what has too few digits to name one thing."""
    folded = re.sub(r"\([^()]*[\u4e00-\u9fff][^()]*\)?", "", fold(number))
    bare = re.sub(r"^(?:[a-z]+ )?no\.? ?", "", folded)
    forms = {folded, bare, bare.replace(" ", "")}
    for match in _US_DOCKET.finditer(fold(number)):
        for division in {match["division"] or "", ""}:
            for serial in (match["serial"], match["serial"].zfill(5)):
                docket = f"{division}{match['year']}-{match['kind']}-{serial}"
                forms |= {docket, docket + (match["judge"] or "")}
    if standard := _STANDARD.fullmatch(bare):
        for series in {standard["series"], standard["series"].replace("/", "")}:
            for number_of in {standard["serial"], standard["serial"] + (standard["year"] or "")}:
                forms |= {f"{series} {number_of}", f"{series}{number_of}"}
    if act := _EU_ACT.search(bare):
        forms |= {f"{prefix}{act['number']}" for prefix in ("", "eu ", "eu", "(eu)", "no ", "(eu) no ")}
    if citation := _UK_CITATION.search(bare):
        forms.add(citation["citation"])
    return {form for form in forms if sum(character.isdigit() for character in form) >= 4}


def _candidates(folded: str) -> Iterator[tuple[re.Match[str], list[tuple[int, str]]]]:
    """Possible numbers, each with the issuers that it may have, longest first: the characters before it may belong to the sentence."""
    is_order = "令" in folded and "号" in folded
    for pattern in (_ISSUED, _ORDER) if is_order else (_ISSUED,):
        for match in pattern.finditer(folded):
            start, body = match.start("body"), match["body"]
            yield match, [(start + i, body[i:]) for i in range(len(body) - 1)]
    if not is_order:
        return
    for match in _ORDER_AFTER_NUMBER.finditer(folded):
        if len(match["body"]) > 1:
            yield match, [(match.start("serial"), match["body"])]
        elif before := match["before"]:
            yield match, [(match.start() + i, f"{before[i:]}令") for i in range(len(before) - 1)]


def _issued_key(body: str, match: re.Match[str]) -> str:
    year = match.groupdict().get("year")
    return f"{body}〔{year}〕{to_int(match['serial'])}号" if year else f"{body}第{to_int(match['serial'])}号"


def _docket(match: re.Match[str], year: str) -> Number:
    court = re.sub(r"\s", "", match["court"])
    label = f"{year}{court}{match['type']}{int(match['serial'])}号"
    return Number(match.start(), match.end(), label, label)
