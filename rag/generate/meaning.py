"""What turns a sentence's meaning round: negation, must and may, who does it, conditions, exceptions, and what the sources say nothing of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.generate.guards import Finding, Guard, Sentence
from rag.generate.sources import Source, joined, run_of, share, sources_of, stated
from rag.names import Names
from rag.support import polarity
from rag.support.clauses import Clause, aligned

_SPEAKS_OF, _REPEATS = 0.42, 0.5
"""Share of a clause's bigrams from which a cited unit speaks of the same, and from which another unit of its passage does."""
_OPPOSED_MODALITY = (("must", "may"), ("may", "must"), ("not", "may"), ("may", "not"), ("must", "not"), ("not", "must"))
_MODAL_NAMES = {"must": "应当", "may": "可以", "not": "不得"}
_LEAST = 6
"""Characters of a clause from which it says something of its own."""


def negations(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """A clause with a negation more or less than the part of the sources that it repeats, and a word for its opposite."""
    del names
    text, everything = stated(sentence.statement), stated(joined(sources))
    others = [unit for hit in {s.hit.passage.id: s.hit for s in sources}.values() for unit in sources_of(hit)]
    nearest = max(sources, key=lambda source: share(text.bigrams, stated(source.text).bigrams), default=None)
    for clause in text.clauses:
        closest = max((run_of(clause, stated(s.text).clauses)[1] for s in sources), default=0.0)
        turned = nearest and _turned(clause, nearest, max(_SPEAKS_OF, closest - _ABOUT_AS_NEAR))
        for other in others if not turned and closest < _REPEATS else ():
            turned = turned or _turned(clause, other, _REPEATS)
        if turned:
            yield Finding("contradicted", f"与来源相反：“{clause.text}”，来源是“{turned}”")
            return
    if polarity.excluded(text.text, everything.text, everything.text)[0]:
        yield Finding("contradicted", "用了与来源相反的词")


_ABOUT_AS_NEAR = 0.15
"""How much less of a clause the unit nearest to the whole sentence may hold than another one."""


def _turned(clause: Clause, source: Source, least: float) -> str | None:
    """What a unit says with a negation more or less than this clause; None where it, or another clause of it about as near, agrees."""
    clauses = [
        c for c in stated(source.text).clauses if not c.text.startswith("关于")
    ]  # the heading of a point states nothing
    run, closeness = run_of(clause, clauses)
    if closeness >= least and _differ(clause, run):
        agrees = (other for other in clauses if share(clause.bigrams, other.bigrams) >= closeness - 0.1)
        if not any(not _differ(clause, (other,)) for other in agrees):
            return "，".join(other.text for other in run)
    if closeness >= _SPEAKS_OF:
        return None
    retold = (other for other in clauses if other not in run and _retells(clause, other) and _differ(clause, (other,)))
    return next((other.text for other in retold), None)


def _differ(clause: Clause, run: Sequence[Clause]) -> bool:
    """Whether one negates what both say and the other does not; between two clauses, whether the one negates once more."""
    here, there = polarity.negations(clause.text), sum(polarity.negations(other.text) for other in run)
    if here % 2 == there % 2 if len(run) == 1 else (here == 0) == (there == 0):
        return False
    bears_on = (
        polarity.negated(clause.text) if here > there else frozenset().union(*(polarity.negated(o.text) for o in run))
    )
    said = frozenset().union(*(other.bigrams for other in run)) if here > there else clause.bigrams
    return bool(bears_on & said)


def _retells(clause: Clause, other: Clause) -> bool:
    """Whether a longer clause holds most of this one of the sources."""
    held = share(other.bigrams, clause.bigrams)
    return len(other.text) >= _LEAST and held >= 0.4 and share(clause.bigrams, other.bigrams) >= 0.2


def modality(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """应当 for 可以, 可以 for 不得, and the other way round."""
    del names
    for clause in stated(sentence.statement).clauses:
        here = polarity.modalities(clause.text)
        for source in sources:
            clauses = stated(source.text).clauses
            run, closeness = run_of(clause, clauses)
            if not run or closeness < (_MODAL if "可以不" not in clause.text else _MODAL / 2):
                continue
            after = clauses[clauses.index(run[-1]) + 1 :][: run[-1].text.endswith("的")]  # …的，可以…
            there = polarity.modalities("，".join(other.text for other in (*run, *after)))
            if turned := _opposed(here, there):
                yield Finding("contradicted", f"来源说的是“{_MODAL_NAMES[turned[1]]}”，不是“{_MODAL_NAMES[turned[0]]}”")
                return
            if "可以不" in clause.text and "must" in there and "不" not in "".join(o.text for o in run):
                yield Finding("contradicted", "来源说的是“应当”，不是“可以不”")
                return
            retold = (other for other in clauses if other not in run and _retells(clause, other))
            if (
                "may" in here
                and "not" not in here
                and any(polarity.modalities(other.text) == {"not"} for other in retold)
            ):
                yield Finding("contradicted", "来源说的是“不得”，不是“可以”")
                return
            cannot = "may" in here and "not" not in here and _CANNOT.search("，".join(o.text for o in run))
            if cannot and "may" not in there:
                yield Finding("contradicted", "来源说的是“不能”，不是“可以”")
                return


def _opposed(here: frozenset[str], there: frozenset[str]) -> tuple[str, str] | None:
    for claimed, source in _OPPOSED_MODALITY:
        if claimed in here and claimed not in there and source in there and source not in here:
            return claimed, source
    return None


_MODAL = 0.4
"""Share of a clause's bigrams from which a source's clauses are about the same duty."""
_CANNOT = re.compile(r"不能(?!证明)")


def conditions(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """Sweeping words, or only, that the sources do not have; conditions and exceptions that got lost."""
    del names
    text, whole = stated(sentence.statement).text, stated(joined(sources)).text
    sweeping = set(_SWEEPING.findall(text)) and not _SWEEPING.search(whole)
    if sweeping or polarity.absolutes(text) > polarity.absolutes(whole):
        yield Finding("partial", "来源没有说得这样绝对")
    if polarity.restrictions(text) > polarity.restrictions(whole) and re.search(r"只有|仅|唯一|限于", text):
        yield Finding("partial", "来源没有这样限定")


_SWEEPING = re.compile(r"一律|一概|任何情况|所有|无论|不论|绝对|全部")


def content(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """A clause of which the cited units say nothing."""
    del names
    known = stated(" ".join(f"{source.hit.passage.text} {source.meta.title}" for source in sources)).text
    for word in _LATIN.findall(stated(sentence.statement).text):
        if word not in known:
            yield Finding("partial", f"来源没有提到“{word}”")
            return
    for clause in stated(sentence.statement).clauses:
        if len(clause.text) > _TELLING and carried(clause, sources) < _SAID:
            yield Finding("partial", f"来源没有提到“{clause.text}”")
            return


_TELLING = 7
"""Characters of a clause up to which it may be a mere turn of phrase (也在考虑之列)."""
_LATIN = re.compile(r"[a-z]{2,}")
_SAID = 0.35
"""Share of a clause under which the sources say nothing of it."""


def carried(clause: Clause, sources: Sequence[Source]) -> float:
    """0…1: how much of a clause the units say, in its own words or in words near to them."""
    pool = stated(joined(sources))
    vectors, weights = stated(clause.text).tokens
    total = float(weights.sum())
    meaning = float(aligned((vectors, weights), pool.tokens) @ weights) / total if total else 0.0
    return (share(clause.bigrams, pool.bigrams) + meaning) / 2


def restates(sentence: Sentence, sources: Sequence[Source]) -> float:
    """0…1: how much of its least carried clause the units say."""
    text = stated(sentence.statement)
    return min((carried(clause, sources) for clause in text.clauses if len(clause.text) > 2), default=0.0)


def unheard(sentence: Sentence, sources: Sequence[Source]) -> float:
    """0…1: share of the statement's characters of which no two in a row stand in the units."""
    text, said = stated(sentence.statement).text, stated(joined(sources)).text
    heard = [text[at : at + 2] in said for at in range(len(text) - 1)]
    lost = [not (before or after) for before, after in zip([False, *heard], [*heard, False], strict=True)]
    return sum(lost[at] for at, character in enumerate(text) if _HAN.match(character)) / max(len(sentence.statement), 1)


_HAN = re.compile(r"[\u3400-\u9fff]")


MEANING: tuple[Guard, ...] = (negations, modality, conditions, content)
