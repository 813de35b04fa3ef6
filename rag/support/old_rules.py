"""Does a source carry a claim? Judged clause by clause, on what matters in law: content, numbers, negation, modality.

Each clause of the claim is aligned with the source clause that shares most of its bigrams. Missing content lowers the score; a number,
a negation or a modality that differs from the aligned clause turns agreement into contradiction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.lexical import terms
from rag.numerals import CHINESE_DIGITS, to_int
from rag.text import normalise
from rag.types import SupportLabel, Verdict

_CLAUSE = re.compile(r"[，,。；;！!？?\n：:]+")
_NUMBER = re.compile(
    rf"(?P<arabic>\d+(?:\.\d+)?)(?P<unit>[万亿])?|(?P<chinese>[{CHINESE_DIGITS}万亿]{{1,8}})(?=[元倍年月日条款项个种天岁人份部])"
)
_EDGES = frozenset(" \t\n　，,。；;！!？?：:（）()、")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_UNITS = {"万": 10_000.0, "亿": 100_000_000.0}
_NEGATION = re.compile(
    r"不(?!仅|但|断|同|论|管|动产|当得利|正当竞争|可分割)|未(?!来|成年|必)|无(?!论|线|形|障碍|人机)|没有|非(?!法|常|营利|独创)|禁止|并非|驳回|拒绝|免除|除外"
)
_MODALITY = (("应当", "必须", "须"), ("可以", "有权"), ("不得", "禁止", "不可"))

PARTIAL, SUPPORTED = 0.45, 0.75
"""Scores from which a claim counts as partly, and as fully, supported."""
_ALIGNED = 0.5
"""Share of a clause's bigrams that a source clause must have to be compared with it for contradictions."""
_SHORT_CLAUSE = 2


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    bigrams: frozenset[str]
    numbers: frozenset[float]
    negations: int
    modality: frozenset[int]


def support(claim: str, sources: Sequence[str]) -> Verdict:
    """Label and score (0…1) of ``claim`` against ``sources`` taken together; a claim without content is unsupported."""
    if any(_stands_in(claim.strip(), source) for source in sources):
        return Verdict(support="supported", score=1.0)
    clauses = _clauses(claim)
    pool = [clause for source in sources for clause in _clauses(source)]
    everything = frozenset().union(*(clause.bigrams for clause in pool)) if pool else frozenset()
    numbers = frozenset().union(*(clause.numbers for clause in pool)) if pool else frozenset()
    if not clauses or not pool:
        return Verdict(support="unsupported", score=0.0)
    weights = [max(len(clause.bigrams), 1) for clause in clauses]
    scores, contradicted = [], False
    for clause in clauses:
        score, opposed = _score_clause(clause, pool, everything, numbers)
        scores.append(score)
        contradicted |= opposed
    mean = sum(w * s for w, s in zip(weights, scores, strict=True)) / sum(weights)
    score = 0.5 * mean + 0.5 * min(scores) if len(scores) > 1 else mean
    if contradicted:
        return Verdict(support="contradicted", score=round(min(score, 0.2), 4))
    return Verdict(support=_label(score), score=round(score, 4))


def _stands_in(claim: str, source: str) -> bool:
    """Whether the claim is a sentence or clause of the source, whole: 构成侵权 does not stand in 不构成侵权."""
    start = source.find(claim) if claim else -1
    while start >= 0:
        end = start + len(claim)
        begins = start == 0 or source[start - 1] in _EDGES
        ends = end == len(source) or source[end] in _EDGES or claim[-1] in _EDGES
        if begins and ends:
            return True
        start = source.find(claim, start + 1)
    return False


def _label(score: float) -> SupportLabel:
    if score >= SUPPORTED:
        return "supported"
    return "partial" if score >= PARTIAL else "unsupported"


def _score_clause(
    clause: _Clause, pool: Sequence[_Clause], everything: frozenset[str], numbers: frozenset[float]
) -> tuple[float, bool]:
    if not clause.bigrams:
        return (1.0 if clause.numbers <= numbers else 0.0), False
    # Of clauses that share as much, the one that agrees: 不构成作品的…；构成作品的….
    best = max(pool, key=lambda source: (_shared(clause, source), not _opposed(clause, source)))
    aligned = _shared(clause, best)
    content = 0.6 * aligned + 0.4 * len(clause.bigrams & everything) / len(clause.bigrams)
    missing = clause.numbers - numbers
    elsewhere = clause.numbers - best.numbers - missing
    if missing:
        content *= 0.4
    elif elsewhere and best.numbers - clause.numbers:
        content *= 0.6  # the number is in the source, but of something else
    return content, aligned >= _ALIGNED and _opposed(clause, best, missing)


def _opposed(clause: _Clause, source: _Clause, missing: frozenset[float] = frozenset()) -> bool:
    """Whether two clauses that speak of the same thing differ in a number, in negation or in modality."""
    wrong_number = bool(missing) and bool(source.numbers - clause.numbers)
    flipped = (clause.negations % 2) != (source.negations % 2)
    other_modality = bool(clause.modality) and bool(source.modality) and not clause.modality & source.modality
    return wrong_number or flipped or other_modality


def _shared(clause: _Clause, source: _Clause) -> float:
    return len(clause.bigrams & source.bigrams) / len(clause.bigrams)


def _clauses(text: str) -> list[_Clause]:
    found = []
    for piece in _CLAUSE.split(_THOUSANDS.sub("", normalise(text))):
        bigrams = frozenset(term for term in terms(_NUMBER.sub(" ", piece)) if len(term) > 1 and not term[0].isdigit())
        numbers = frozenset(n for n in map(_value, _NUMBER.finditer(piece)) if n is not None)
        if len(piece.strip()) < _SHORT_CLAUSE and not numbers:
            continue
        modality = frozenset(rank for rank, words in enumerate(_MODALITY) if any(word in piece for word in words))
        found.append(_Clause(piece, bigrams, numbers, len(_NEGATION.findall(piece)), modality))
    return found


def _value(match: re.Match[str]) -> float | None:
    if match["arabic"]:
        return float(match["arabic"]) * _UNITS.get(match["unit"] or "", 1.0)
    value = to_int(match["chinese"])
    return float(value) if value is not None else None
