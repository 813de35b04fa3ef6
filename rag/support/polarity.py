"""What turns a statement into its opposite: negation, modality, words that exclude each other, who does what to whom."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations

from rag.data import word_list

_NEGATION = re.compile(
    r"不(?!仅|但|断|同(?!意)|论|管|动产|当得利|正当竞争|可分割|特定|久|妨|良|少于|足|超过|低于|可抗力|合格品)|未(?!来|成年|必)"
    r"|无(?!论|线|形|障碍|人机|期|偿|主|记名|因)|没有|非(?!法|常|营利|独创|专有|独占|遗|公有|物质)|并非|驳回|拒绝|免除|除外|免于|\b(?:not|no|never|without|neither)\b|n't\b"
)
_MODALITIES = {"must": ("应当", "须", "shall", "must"), "may": ("可以", "may"), "not": ("不得",), "free": ("无须",)}
_REACH = 8
"""Characters after a negation that it bears on."""
_EXCEPTION = re.compile(r"除外|但(?!不限)|除.{1,30}外|例外|除非|另有")
_CONDITION = re.compile(
    r"如果|若|的，|情形下|条件|前提|只有|只要|经.{1,12}(?:同意|许可|批准|授权)|情节|时，|明知|应知|达到"
)
_ABSOLUTE = re.compile(r"一律|任何|所有|一切|凡是?|都|必然|当然|只要|无论|不论|一概|绝对|完全|均|始终|永远|唯一|无条件")
_ONLY = re.compile(r"仅|只(?!要)|唯一|限于")
_COURT = re.compile(r"[\u4e00-\u9fff]{0,8}法院")


@lru_cache(maxsize=8192)
def negations(text: str) -> int:
    return len(_NEGATION.findall(text))


@lru_cache(maxsize=8192)
def negated(text: str) -> frozenset[str]:
    """The bigrams that a negation in the same clause bears on."""
    found: set[str] = set()
    for match in _NEGATION.finditer(text):
        reach = re.split(r"[，,。；;：:、]", text[match.end() : match.end() + _REACH])[0]
        found.update(reach[i : i + 2] for i in range(len(reach) - 1))
    return frozenset(found)


@lru_cache(maxsize=8192)
def modalities(text: str) -> frozenset[str]:
    """Of must, may, not, free: those that a clause in canonical wording has."""
    return frozenset(name for name, words in _MODALITIES.items() if any(word in text for word in words))


def excluded(claim: str, nearest: str, everything: str) -> tuple[int, int, int]:
    """Words of the claim against the sentence nearest to it: how many have their opposite there and are nowhere in the sources, how many have
    it there and stand elsewhere, and how many agree."""
    strong = weak = agree = 0
    for members in _exclusive():
        here = [word for word in members if word in claim]
        if not here:
            continue
        there = {word for word in members if word in nearest}
        for word in here:
            if word in there:
                agree += 1
            elif there - set(here):
                strong, weak = (strong, weak + 1) if word in everything else (strong + 1, weak)
    return strong, weak, agree


@lru_cache(maxsize=1)
def _exclusive() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in word_list("exclusive") if len(line) > 4)


@lru_cache(maxsize=8192)
def roles(text: str) -> tuple[str, ...]:
    """The roles that a text speaks of, in the order in which they first stand; the longest name at each place."""
    return tuple(dict.fromkeys(match[0] for match in _role_pattern().finditer(text)))


@lru_cache(maxsize=1)
def _role_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, word_list("roles")), key=len, reverse=True)))


def swapped(claim: tuple[str, ...], source: tuple[str, ...]) -> tuple[int, int]:
    """Pairs of roles that both texts speak of: those in the opposite order, and all of them."""
    common = [role for role in claim if role in source]
    pairs = list(combinations(common, 2))
    return sum(source.index(a) > source.index(b) for a, b in pairs), len(pairs)


def has_exception(text: str) -> bool:
    return bool(_EXCEPTION.search(text))


def has_condition(text: str) -> bool:
    return bool(_CONDITION.search(text))


def absolutes(text: str) -> int:
    return len(_ABSOLUTE.findall(text))


def restrictions(text: str) -> int:
    return len(_ONLY.findall(text))


def unknown_court(claim: str, everything: str) -> float:
    """0…1: how little of the name before 法院 in the claim stands before 法院 in the sources; 0 where the claim names no court."""
    worst = 0.0
    for match in _COURT.finditer(claim):
        name = match[0]
        if len(name) < 4:
            continue
        known = next((i for i in range(len(name) - 1) if name[i:] in everything), len(name))
        worst = max(worst, min(known, 6) / 6)
    return worst
