"""Is a model's sentence carried by what it cites? The default answer's check, then guards; the units that carry it best become its citations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.generate.bare import statement
from rag.generate.guards import FACTS, Finding, Sentence
from rag.generate.meaning import MEANING, restates, unheard
from rag.generate.parties import PARTIES
from rag.generate.sources import Source, share, sources_of, stated
from rag.names import Names
from rag.support import support
from rag.types import Hit, SupportLabel

_ORDER: tuple[SupportLabel, ...] = ("contradicted", "unsupported", "partial", "supported")
_TRIED, _OF_A_PASSAGE = 5, 3
"""Units that are looked at closely: of all cited passages, and of one."""
_MOST = 3
"""Units that one sentence cites at most."""
_GAIN = 0.03
"""By how much another unit must raise the score to be cited too."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """How well sources carry a sentence, and every reason why not."""

    support: SupportLabel
    score: float
    findings: tuple[Finding, ...] = ()

    @property
    def rank(self) -> tuple[int, float]:
        return (_ORDER.index(self.support), self.score)

    @property
    def why(self) -> str:
        return "；".join(dict.fromkeys(finding.why for finding in self.findings)) or _WHY[self.support]


_WHY: dict[SupportLabel, str] = {
    "supported": "",
    "partial": "来源只支持一部分",
    "unsupported": "来源不支持这一句",
    "contradicted": "与来源矛盾",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A sentence with the units that it cites. ``mended``: they are of another passage than the model named; ``idle``: passages that it named and that say nothing of it."""

    weighed: Weighed
    sources: tuple[Source, ...] = ()
    mended: bool = False
    idle: int = 0


UNCITED = Judgement(Weighed("unsupported", 0.0, (Finding("unsupported", "没有标来源"),)))


def weigh(text: str, sources: Sequence[Source], names: Names) -> Weighed:
    """The label and score of a sentence against exactly these units."""
    sentence = Sentence(text, statement(text))
    quotes = [source.text for source in sources]
    verdict = support(sentence.statement, quotes)
    if verdict.support != "supported" and sentence.statement != text:
        verdict = max(verdict, support(text, quotes), key=lambda v: (_ORDER.index(v.support), v.score))
    findings = tuple(finding for guard in (*FACTS, *MEANING, *PARTIES) for finding in guard(sentence, sources, names))
    label = verdict.support
    if not findings:
        # The trained check alone takes some close paraphrases for contradictions, and some inventions for paraphrases.
        trust = verdict.score + restates(sentence, sources) / 2 - 2 * unheard(sentence, sources)
        if trust >= _TRUSTED:
            return Weighed("supported", round(max(verdict.score, _LIFTED), 4))
        label = "partial" if label == "supported" else label
    worst = min((label, *(f.support for f in findings)), key=_ORDER.index)
    score = verdict.score if worst == verdict.support else min(verdict.score, _CEILING[worst])
    return Weighed(worst, round(score, 4), findings)


_TRUSTED, _LIFTED = 0.42, 0.7
"""What the trained score, half of what the least carried clause restates, less twice what no source says, must come to (chosen on the part ``develop`` of the planted
errors, see ``evals.generation``); the least score that a sentence has then."""
_CEILING: dict[SupportLabel, float] = {"contradicted": 0.05, "unsupported": 0.2, "partial": 0.6, "supported": 1.0}


def judge(text: str, cited: Sequence[Hit], given: Sequence[Hit], names: Names) -> Judgement:
    """Judge a sentence by the passages that it cites; where another passage that was ``given`` carries it in full, by that one."""
    if not cited:
        return UNCITED
    found = _best(text, cited, names)
    if found.weighed.support == "supported":
        return found
    others = [hit for hit in given if all(hit.passage.id != other.passage.id for other in cited)]
    if others:
        instead = _best(text, others, names)
        if instead.weighed.support == "supported" and instead.weighed.score >= _SURE:
            return replace(instead, mended=True, idle=0)
    return found


_SURE = 0.8
"""Score from which a sentence is given to a passage that the model did not name."""


def _best(text: str, hits: Sequence[Hit], names: Names) -> Judgement:
    """The fewest units that carry the sentence best; every passage named should have one among them."""
    candidates = _candidates(text, hits)
    near = {source.place: nearness for nearness, source in candidates}
    pool = [source for _, source in candidates]
    if not pool:
        return Judgement(Weighed("unsupported", 0.0))
    weighed = {source.place: weigh(text, [source], names) for source in pool}
    # What says the opposite is as near as what says the same: nearness decides, not the label, unless one carries the sentence.
    pool.sort(
        key=lambda source: (
            weighed[source.place].support != "supported",
            -near[source.place] - weighed[source.place].score,
        )
    )
    chosen, best = [pool[0]], weighed[pool[0].place]
    for source in pool[1:]:
        if len(chosen) == _MOST or best.support == "supported":
            break
        together = weigh(text, [*chosen, source], names)
        if together.rank > (best.rank[0], best.score + _GAIN):
            chosen, best = [*chosen, source], together
    return _with_all(text, chosen, best, pool, hits, names)


def _with_all(
    text: str, chosen: list[Source], best: Weighed, pool: Sequence[Source], hits: Sequence[Hit], names: Names
) -> Judgement:
    idle = 0
    for hit in hits if len(hits) <= _MOST else ():
        own = [source for source in pool if source.hit.passage.id == hit.passage.id]
        if not own or any(source in chosen for source in own):
            continue
        together = weigh(text, [*chosen, own[0]], names)
        if together.rank[0] >= best.rank[0] and weigh(text, [own[0]], names).rank[0] >= _ORDER.index("partial"):
            chosen, best = [*chosen, own[0]], together
        else:
            idle += 1
    return Judgement(best, tuple(chosen), idle=idle)


def _candidates(text: str, hits: Sequence[Hit]) -> list[tuple[float, Source]]:
    wanted = stated(statement(text))

    def nearness(source: Source) -> float:
        there = stated(source.text)
        by_clause = max(share(clause.bigrams, there.bigrams) for clause in wanted.clauses)
        return share(wanted.bigrams, there.bigrams) + 0.3 * by_clause

    found: list[tuple[float, Source]] = []
    for hit in hits:
        scored = sorted(((nearness(s), s) for s in sources_of(hit)), key=lambda entry: -entry[0])
        found += scored[:_OF_A_PASSAGE]
    found.sort(key=lambda entry: -entry[0])
    return found[: max(_TRIED, len(hits) if len(hits) <= _MOST else 0)]


@lru_cache(maxsize=1)
def warm() -> None:
    """Load what judging needs, while the model has yet to write its first sentence."""
    support("平台应当标识生成的内容。", ["提供者应当对生成内容添加标识。"])


def by_key(keys: Sequence[str], passages: Mapping[str, Hit]) -> list[Hit]:
    return [passages[key] for key in keys]
