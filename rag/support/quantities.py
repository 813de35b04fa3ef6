"""Numbers with what they count: amounts, terms, shares, multiples, dates, article numbers, in one unit each whatever the writing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rag.numerals import CHINESE_DIGITS, to_int

_C = f"{CHINESE_DIGITS}万亿"
_NUMBER = rf"(?:\d+(?:\.\d+)?(?:[千百]?[万亿])?|[{_C}]+)"
_UNITS: tuple[tuple[str, str, float], ...] = (
    (r"(?:人民币)?元|块钱", "yuan", 1),
    (r"美元|usd|dollars?", "usd", 1),
    (r"欧元|eur|euros?", "eur", 1),
    (r"英镑|pounds?", "gbp", 1),
    (r"个?工作日", "working_days", 1),
    (r"周岁|岁", "age", 1),
    (r"年(?:以|之)?", "months", 12),
    (r"个月|月(?:以|之)?", "months", 1),
    (r"日|天", "days", 1),
    (r"周|星期", "days", 7),
    (r"个?小时", "hours", 1),
    (r"分钟", "minutes", 1),
    (r"倍", "times", 1),
    (r"%|％|percent", "percent", 1),
    (r"[个名位]?(?:人|自然人|成员|仲裁员|审判员|委员|董事|监事)|名", "people", 1),
    (r"[个件张幅份篇首部款项次种类条家方点字段枚台套册]", "count", 1),
)
_QUANTITY = re.compile(
    rf"(?P<ordinal>第)?(?P<number>{_NUMBER})\s*(?P<unit>" + "|".join(f"(?:{u})" for u, _, _ in _UNITS) + r")?"
)
_UNIT_OF = tuple((re.compile(pattern), name, factor) for pattern, name, factor in _UNITS)
_PERCENT = re.compile(rf"(百分|千分|万分)之\s*({_NUMBER})")
_FRACTION = re.compile(rf"([{CHINESE_DIGITS}]+)分之([{CHINESE_DIGITS}]+)")
_DATE = re.compile(
    r"(?:(?P<year>(?:19|20)\d{2})(?:年|-|/|\.))(?:(?P<month>\d{1,2})(?:月|-|/|\.)?(?:(?P<day>\d{1,2})[日号]?)?)?"
    r"|(?P<month2>\d{1,2})月(?P<day2>\d{1,2})[日号]"
)
_CHINESE_DATE = re.compile(r"[一二][〇零○一二三四五六七八九]{3}(?=年)")
_TO_DIGIT = str.maketrans("〇零○一二三四五六七八九", "000123456789")
# A numeral in these is no number: 一般, 统一, 之一, 万一, 一审.
_IDIOM = re.compile(
    r"一(?=[般切定方旦律致并起同经直样贯些体审款项次性时]|个(?!月|工作日|小时))|(?<=[统唯单之进同任])一|万一|千万(?!元)|百般|十分(?!之)|二审|三审|一审|两审|(?<=其)[一二三]|两者|双方|四川|"
    r"三方|第三(?=人|方|者)|二者|两国"
)
_SCALES = {"万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2}


@dataclass(frozen=True, slots=True)
class Quantities:
    """What a text counts: (unit, value) pairs, dates as (year, month, day) with None for what is not said, articles as numbers."""

    amounts: frozenset[tuple[str, float]]
    dates: frozenset[tuple[int | None, int | None, int | None]]
    ordinals: frozenset[tuple[str, float]]

    def __bool__(self) -> bool:
        return bool(self.amounts or self.dates or self.ordinals)


@lru_cache(maxsize=8192)
def quantities(text: str) -> Quantities:
    """Quantities of a text in canonical wording."""
    text = _CHINESE_DATE.sub(lambda match: match[0].translate(_TO_DIGIT), text)
    dates: set[tuple[int | None, int | None, int | None]] = set()

    def keep_date(match: re.Match[str]) -> str:
        year, month, day = match["year"], match["month"] or match["month2"], match["day"] or match["day2"]
        dates.add((int(year) if year else None, int(month) if month else None, int(day) if day else None))
        return " "

    text = _DATE.sub(keep_date, text)
    amounts: set[tuple[str, float]] = set()
    ordinals: set[tuple[str, float]] = set()

    def keep_percent(match: re.Match[str]) -> str:
        value = _value(match[2])
        if value is not None:
            amounts.add(("percent", round(value / {"百分": 1, "千分": 10, "万分": 100}[match[1]], 6)))
        return " "

    def keep_fraction(match: re.Match[str]) -> str:
        below, above = _value(match[1]), _value(match[2])
        if below and above:
            amounts.add(("share", round(above / below, 6)))
        return " "

    text = _PERCENT.sub(keep_percent, text)
    text = _FRACTION.sub(keep_fraction, text)
    text = _IDIOM.sub(" ", text)
    for match in _QUANTITY.finditer(text):
        value = _value(match["number"])
        if value is None:
            continue
        if match["ordinal"]:
            ordinals.add((match["unit"] or "", value))
        elif match["unit"]:
            unit, factor = _unit(match["unit"])
            amounts.add((unit, round(value * factor, 6)))
        elif match["number"][0].isdigit():
            amounts.add(("", value))
    return Quantities(frozenset(amounts), frozenset(dates), frozenset(ordinals))


_COUNTED = re.compile(rf"(?P<number>[{CHINESE_DIGITS}]{{1,8}})(?=[条款项年月日天元倍章])")


def in_figures(text: str) -> str:
    """第二十四条 → 第24条, 五十年 → 50年: the same number in one writing."""
    text = unicodedata.normalize("NFKC", text)
    return _COUNTED.sub(lambda match: str(to_int(match["number"]) or match["number"]), text)


def dates_missing(claim: Quantities, source: Quantities) -> int:
    """Dates of the claim that no date of the source agrees with, on what both say."""
    return sum(not any(_agree(date, other) for other in source.dates) for date in claim.dates)


def _agree(one: tuple[int | None, ...], other: tuple[int | None, ...]) -> bool:
    """Whether a source's date says what a claim's date says: a claim that is less exact agrees."""
    return all(a is None or a == b for a, b in zip(one, other, strict=True))


def _unit(text: str) -> tuple[str, float]:
    return next((name, factor) for pattern, name, factor in _UNIT_OF if pattern.fullmatch(text))


def _value(numeral: str) -> float | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([千百]?)([万亿]?)", numeral)
    if match:
        return float(match[1]) * _SCALES.get(match[2], 1.0) * _SCALES.get(match[3], 1.0)
    value = to_int(numeral)
    return None if value is None else float(value)
