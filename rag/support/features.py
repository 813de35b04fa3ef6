"""What the sources say of a claim, as numbers: how much of it they carry, and what in them speaks against it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.support import polarity
from rag.support.clauses import (
    MAX_SENTENCES,
    Clause,
    Statement,
    aligned,
    claim_statement,
    statements,
)
from rag.support.quantities import Quantities, dates_missing, quantities

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[a-z]{2,}")
_NEGATING = re.compile(r"[不未无非没]")

Features = dict[str, float]


def features(claim: str, sources: Sequence[str]) -> Features:
    """The features of a claim against sources taken together, by name, always the same names in the same order.

    Sentences of the sources that share most with the claim stand for them; what is nowhere in the sources is looked for in all of them.
    """
    stated = claim_statement(claim)
    pool = _nearest(stated, statements(sources))
    everything = "\n".join(statement.text for statement in statements(sources))
    best = pool[0]
    pair = Statement("\n".join(statement.text for statement in pool[:2]))
    return {
        **_content(stated, pool, best, pair),
        **_edits(stated, best),
        **_counted(stated, best, pair, everything),
        **_opposed(stated, pool, best, pair, everything),
        **_shape(stated, best, everything, len(sources)),
    }


def _nearest(stated: Statement, found: Sequence[Statement]) -> list[Statement]:
    """Sentences of the sources, the nearest first: by shared bigrams, then by meaning."""
    if not found:
        return [Statement("")]
    wanted = max(len(stated.bigrams), 1)
    by_terms = sorted(found, key=lambda s: -len(stated.bigrams & s.bigrams) / wanted)[:MAX_SENTENCES]
    weights = stated.tokens[1]
    total = float(weights.sum()) or 1.0

    def nearness(statement: Statement) -> float:
        meaning = float(aligned(stated.tokens, statement.tokens) @ weights) / total
        return meaning + len(stated.bigrams & statement.bigrams) / wanted

    return sorted(by_terms, key=lambda statement: -nearness(statement))


def _content(stated: Statement, pool: Sequence[Statement], best: Statement, pair: Statement) -> Features:
    """How much of the claim the sources carry: in bigrams, in meaning, clause by clause."""
    everything = frozenset().union(*(statement.bigrams for statement in pool))
    weights = stated.tokens[1]
    total = float(weights.sum()) or 1.0
    by_sentence = [aligned(stated.tokens, statement.tokens) for statement in pool]
    in_best, in_any = by_sentence[0], np.max(by_sentence, axis=0)
    in_pair = np.max(by_sentence[:2], axis=0)
    clauses = [_clause_content(clause, pool) for clause in stated.clauses]
    backwards = aligned(best.tokens, stated.tokens)
    best_weights = best.tokens[1]
    lost = _uncovered_runs(stated.text, "\n".join(statement.text for statement in pool))
    exact = float(weights[in_any > 0.95].sum()) / total
    return {
        "bigrams": _share(stated.bigrams, everything),
        "bigrams_best": _share(stated.bigrams, best.bigrams),
        "bigrams_pair": _share(stated.bigrams, pair.bigrams),
        "clause_bigrams_min": min(c[0] for c in clauses),
        "clause_bigrams_mean": sum(c[0] for c in clauses) / len(clauses),
        "meaning": float(in_any @ weights) / total,
        "meaning_best": float(in_best @ weights) / total,
        "meaning_pair": float(in_pair @ weights) / total,
        "meaning_clause_min": min(c[1] for c in clauses),
        "meaning_worst_token": float((in_any * 1.0).min(initial=1.0)),
        "meaning_low_share": float(weights[in_any < 0.35].sum()) / total,
        "meaning_best_low_share": float(weights[in_best < 0.35].sum()) / total,
        "tokens_exact": exact,
        "sentence_cosine": _cosine(stated, best),
        "meaning_back": float(backwards @ best_weights) / (float(best_weights.sum()) or 1.0),
        "longest_lost": max(lost, default=0) / 10,
        "lost_share": sum(lost) / max(len(stated.text), 1),
        "second_gap": _share(stated.bigrams, pair.bigrams) - _share(stated.bigrams, best.bigrams),
    }


def _clause_content(clause: Clause, pool: Sequence[Statement]) -> tuple[float, float]:
    """Of one clause: share of its bigrams in the sentence that has most of them, and its meaning carried by the nearest sentence."""
    shared = max(_share(clause.bigrams, statement.bigrams) for statement in pool)
    vectors, weights = Statement(clause.text).tokens
    total = float(weights.sum()) or 1.0
    meaning = max(float(aligned((vectors, weights), statement.tokens) @ weights) / total for statement in pool[:4])
    return shared, meaning


def _cosine(one: Statement, other: Statement) -> float:
    a, b = (s.tokens[0].T @ s.tokens[1] if len(s.tokens[1]) else np.zeros(1, dtype=np.float32) for s in (one, other))
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norm if norm and a.shape == b.shape else 0.0


def _uncovered_runs(text: str, source: str) -> list[int]:
    """Lengths of the stretches of Chinese characters of which no two in a row stand in the source."""
    covered = [False] * len(text)
    for i in range(len(text) - 1):
        if text[i : i + 2] in source:
            covered[i] = covered[i + 1] = True
    runs, current = [], 0
    for character, known in zip(text, covered, strict=True):
        if known or not _HAN.match(character):
            if current:
                runs.append(current)
            current = 0
        else:
            current += 1
    return [*runs, current] if current else runs


def _edits(stated: Statement, best: Statement) -> Features:
    """What has to be changed in the nearest sentence to make the claim: a light edit that turns a statement round is a few characters long."""
    matcher = SequenceMatcher(None, best.text, stated.text, autojunk=False)
    operations = matcher.get_opcodes()
    matched = sum(b - a for op, a, b, _, _ in operations if op == "equal")
    inner = [
        (op, best.text[a:b], stated.text[c:d])
        for index, (op, a, b, c, d) in enumerate(operations)
        if op != "equal" and 0 < index < len(operations) - 1
    ]
    swaps = [(old, new) for op, old, new in inner if op == "replace" and len(old) <= 8 and len(new) <= 8]
    negating = sum(
        bool(_NEGATING.search(old)) != bool(_NEGATING.search(new)) for _, old, new in inner if len(old + new) <= 12
    )
    return {
        "edit_ratio": 2 * matched / max(len(best.text) + len(stated.text), 1),
        "edit_kept": matched / max(len(stated.text), 1),
        "edit_swaps": min(len(swaps), 5),
        "edit_swapped_share": sum(len(new) for _, new in swaps) / max(len(stated.text), 1),
        "edit_inserted_share": sum(len(new) for op, _, new in inner if op == "insert") / max(len(stated.text), 1),
        "edit_negating": min(negating, 3),
        "edit_single": float(len(swaps) == 1 and matched / max(len(stated.text), 1) > 0.7),
    }


def _counted(stated: Statement, best: Statement, pair: Statement, everything: str) -> Features:
    """Numbers, dates and ordinals of the claim that the sources do not have, or have of something else."""
    claimed, near, nearer = quantities(stated.text), quantities(pair.text), quantities(best.text)
    anywhere = _all_quantities(everything)
    missing = {q for q in claimed.amounts if not _has(q, anywhere)}
    missing_near = {q for q in claimed.amounts if not _has(q, near)}
    units = {unit for unit, _ in near.amounts - claimed.amounts}
    rival = sum(unit in units for unit, _ in missing_near)
    missing_dates = dates_missing(claimed, anywhere)
    numbers = len(claimed.amounts) + len(claimed.dates)
    return {
        "numbers": min(numbers, 5),
        "numbers_missing": min(len(missing), 3),
        "numbers_missing_near": min(len(missing_near), 3),
        "numbers_missing_best": min(sum(not _has(q, nearer) for q in claimed.amounts), 3),
        "numbers_rival": min(rival, 3),
        "dates_missing": min(missing_dates, 3),
        "dates_missing_near": min(dates_missing(claimed, near), 3),
        "dates_rival": float(bool(missing_dates) and bool(anywhere.dates)),
        "ordinals_missing": min(len(claimed.ordinals - anywhere.ordinals), 3),
        "ordinals_rival": float(bool(claimed.ordinals - anywhere.ordinals) and bool(anywhere.ordinals)),
        "numbers_near_unsaid": min(len(near.amounts - claimed.amounts), 4),
    }


@lru_cache(maxsize=512)
def _all_quantities(everything: str) -> Quantities:
    return quantities(everything)


def _has(quantity: tuple[str, float], found: Quantities) -> bool:
    """A number without a unit may be of any kind, and one without a unit in the source carries one that has it."""
    unit, value = quantity
    if not unit:
        return any(value == other for _, other in found.amounts | found.ordinals)
    return quantity in found.amounts or ("", value) in found.amounts


def _opposed(
    stated: Statement, pool: Sequence[Statement], best: Statement, pair: Statement, everything: str
) -> Features:
    """Negation, modality, opposites and roles that differ from the part of the sources that speaks of the same."""
    flips = parity = 0.0
    modal: dict[str, float] = dict.fromkeys(
        ("must_may", "may_must", "not_may", "may_not", "must_not", "not_must", "free", "added", "dropped"), 0.0
    )
    for clause in stated.clauses:
        near = _nearest_clause(clause, pool)
        closeness = _share(clause.bigrams, near.bigrams)
        if closeness < 0.2:
            continue
        differs = polarity.negations(clause.text) % 2 != polarity.negations(near.text) % 2
        parity = max(parity, closeness * differs)
        flips += differs
        _compare_modality(polarity.modalities(clause.text), polarity.modalities(near.text), closeness, modal)
    negated_here, negated_near = polarity.negated(stated.text), polarity.negated(pair.text)
    negated_anywhere = polarity.negated(everything)
    strong, weak, agree = polarity.excluded(stated.text, pair.text, everything)
    strong_best, weak_best, _ = polarity.excluded(stated.text, best.text, everything)
    roles_here, roles_best = polarity.roles(stated.text), polarity.roles(best.text)
    out_of_order, pairs = polarity.swapped(roles_here, roles_best)
    return {
        "parity": parity,
        "parity_flips": min(flips, 3),
        "parity_whole": float(polarity.negations(stated.text) % 2 != polarity.negations(best.text) % 2),
        "negations": min(polarity.negations(stated.text), 4),
        "negations_best": min(polarity.negations(best.text), 4),
        "negated_only_here": min(len((negated_here & pair.bigrams) - negated_near), 4),
        "negated_nowhere": min(len((negated_here & _bigrams_of(everything)) - negated_anywhere), 4),
        "negated_only_there": min(len((negated_near & stated.bigrams) - negated_here), 4),
        "negated_both": min(len(negated_here & negated_near), 4),
        **{f"modal_{name}": value for name, value in modal.items()},
        "opposite_strong": min(strong, 3),
        "opposite_weak": min(weak, 3),
        "opposite_strong_best": min(strong_best, 3),
        "opposite_weak_best": min(weak_best, 3),
        "opposite_agree": min(agree, 4),
        "roles_swapped": float(out_of_order),
        "roles_swapped_share": out_of_order / pairs if pairs else 0.0,
        "roles_common": min(pairs, 4),
        "roles_unknown": min(sum(role not in everything for role in roles_here), 3),
        "roles_not_near": min(sum(role not in pair.text for role in roles_here), 3),
        "subject_differs": float(
            bool(roles_here) and bool(roles_best) and roles_here[0] != roles_best[0] and roles_here[0] in roles_best
        ),
        "subject_new": float(bool(roles_here) and bool(roles_best) and roles_here[0] not in best.text),
    }


def _nearest_clause(clause: Clause, pool: Sequence[Statement]) -> Clause:
    """The clause of the sources that shares most; of those that share as much, the one that agrees in negation."""
    candidates = [other for statement in pool[:6] for other in statement.clauses]
    even = polarity.negations(clause.text) % 2
    return max(
        candidates,
        key=lambda other: (_share(clause.bigrams, other.bigrams), polarity.negations(other.text) % 2 == even),
    )


def _compare_modality(here: frozenset[str], there: frozenset[str], closeness: float, found: dict[str, float]) -> None:
    for name in ("must_may", "may_must", "not_may", "may_not", "must_not", "not_must"):
        claimed, source = name.split("_")
        if claimed in here and claimed not in there and source in there and source not in here:
            found[name] = max(found[name], closeness)
    if ("free" in here) != ("free" in there):
        found["free"] = max(found["free"], closeness)
    if here and not there:
        found["added"] = max(found["added"], closeness)
    if there and not here:
        found["dropped"] = max(found["dropped"], closeness)


@lru_cache(maxsize=512)
def _bigrams_of(text: str) -> frozenset[str]:
    return Statement(text).bigrams


def _shape(stated: Statement, best: Statement, everything: str, count: int) -> Features:
    """Exceptions, conditions and sweeping words that only one side has; names that the sources lack; lengths."""
    words = set(_LATIN.findall(stated.text))
    return {
        "exception_dropped": float(polarity.has_exception(best.text) and not polarity.has_exception(stated.text)),
        "exception_added": float(polarity.has_exception(stated.text) and not polarity.has_exception(best.text)),
        "condition_dropped": float(polarity.has_condition(best.text) and not polarity.has_condition(stated.text)),
        "condition_added": float(polarity.has_condition(stated.text) and not polarity.has_condition(best.text)),
        "absolutes": min(polarity.absolutes(stated.text), 3),
        "absolutes_added": float(polarity.absolutes(stated.text) > polarity.absolutes(best.text)),
        "only_added": float(polarity.restrictions(stated.text) > polarity.restrictions(best.text)),
        "only_dropped": float(polarity.restrictions(stated.text) < polarity.restrictions(best.text)),
        "unknown_court": polarity.unknown_court(stated.text, everything),
        "unknown_latin": min(sum(word not in everything for word in words), 4) / 4,
        "latin_share": sum(map(len, words)) / max(len(stated.text), 1),
        "length": float(np.log1p(len(stated.text))),
        "length_best": float(np.log1p(len(best.text))),
        "length_sources": float(np.log1p(len(everything))),
        "clauses": min(len(stated.clauses), 6),
        "sources": min(count, 4),
    }


def _share(wanted: frozenset[str], present: frozenset[str]) -> float:
    return len(wanted & present) / len(wanted) if wanted else 0.0


def as_row(found: Features) -> npt.NDArray[np.float32]:
    """The features as one row, shape ``(features,)``."""
    return np.fromiter(found.values(), dtype=np.float32, count=len(found))
