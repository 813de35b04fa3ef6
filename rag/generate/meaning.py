"""What turns a sentence's meaning round: negation, must and may, who does it, conditions, exceptions, and what the sources say nothing of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.generate.guards import Finding, Guard, Sentence
from rag.generate.sources import Source, joined, nearest_clause, share, stated
from rag.names import Names
from rag.support import polarity
from rag.support.clauses import Clause, aligned

_SPEAKS_OF, _REPEATS = 0.45, 0.85
"""Share of a clause's bigrams from which a source's clause speaks of the same, and from which it repeats it but for a word."""
_OPPOSED_MODALITY = (("must", "may"), ("may", "must"), ("not", "may"), ("may", "not"), ("must", "not"), ("not", "must"))
_MODAL_NAMES = {"must": "应当", "may": "可以", "not": "不得"}
_GROUPS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "平台 网络服务提供者 服务提供者 提供者 经营者 网站",
        "用户 网络用户 使用者 使用人 个人",
        "技术支持者",
        "原告 权利人 著作权人 申请人",
        "被告 侵权人 被诉侵权人",
        "法院 人民法院",
        "作者",
        "委托人",
        "受托人",
        "主管部门 网信部门 公安机关 国务院",
    )
)
_NAMED_PARTY = re.compile(r"某[\u4e00-\u9fff]{2,8}?公司|[\u4e00-\u9fff]某(?![\u4e00-\u9fff]{0,8}公司)")
_LEAST = 6
"""Characters of a clause from which it says something of its own."""


def negations(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """A clause with a negation more or less than the clause of the sources that it repeats, and words negated on one side only."""
    del names
    everything = stated(joined(sources))
    negated_there = polarity.negated(everything.text)
    negated_here = polarity.negated(stated(sentence.statement).text)
    for clause in stated(sentence.statement).clauses:
        near, closeness = nearest_clause(clause, sources)
        if closeness < _SPEAKS_OF or _even(clause.text) == _even(near.text) or _agrees(clause, sources, closeness):
            continue
        only_here = (polarity.negated(clause.text) & everything.bigrams) - negated_there
        only_there = (polarity.negated(near.text) & clause.bigrams) - negated_here
        if closeness >= _REPEATS or only_here or only_there:
            yield Finding("contradicted", f"与来源相反：“{clause.text}”，来源是“{near.text}”")
            return


def _even(text: str) -> bool:
    return polarity.negations(text) % 2 == 0


def _agrees(clause: Clause, sources: Sequence[Source], closeness: float) -> bool:
    """Whether another clause, about as near, agrees in negation."""
    others = (other for source in sources for other in stated(source.text).clauses)
    return any(
        share(clause.bigrams, other.bigrams) >= closeness - 0.1 and _even(other.text) == _even(clause.text)
        for other in others
    )


def modality(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """应当 for 可以, 可以 for 不得, and the other way round."""
    del names
    for clause in stated(sentence.statement).clauses:
        near, closeness = nearest_clause(clause, sources)
        here, there = polarity.modalities(clause.text), polarity.modalities(near.text)
        for claimed, source in _OPPOSED_MODALITY:
            turned = claimed in here and claimed not in there and source in there and source not in here
            if turned and closeness >= 0.4:
                yield Finding("contradicted", f"来源说的是“{_MODAL_NAMES[source]}”，不是“{_MODAL_NAMES[claimed]}”")
                return


def parties(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """Somebody of whom the cited units do not speak, or who stands where another one does."""
    del names
    text = joined(sources)
    here, there = polarity.roles(sentence.statement), polarity.roles(text)
    groups_there = {_group(role) for role in there}
    for name in _NAMED_PARTY.findall(sentence.text):
        if name not in text:
            yield Finding("unsupported", f"所引来源没有提到“{name}”")
            return
    for role in here:
        if _group(role) not in groups_there and role not in text:
            yield Finding("unsupported", f"所引来源说的不是“{role}”")
            return


def _group(role: str) -> str:
    return next((min(group) for group in _GROUPS if role in group), role)


def conditions(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """Sweeping words, or only, that the sources do not have; conditions and exceptions that got lost."""
    del names
    text, whole = stated(sentence.statement).text, stated(joined(sources)).text
    if polarity.absolutes(text) > polarity.absolutes(whole):
        yield Finding("partial", "来源没有说得这样绝对")
    if polarity.restrictions(text) > polarity.restrictions(whole) and re.search(r"只有|仅|唯一|限于", text):
        yield Finding("partial", "来源没有这样限定")


def content(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """A clause of which the cited units say nothing."""
    del names
    for clause in stated(sentence.statement).clauses:
        if len(clause.text) >= _LEAST and carried(clause, sources) < _SAID:
            yield Finding("partial", f"来源没有提到“{clause.text}”")
            return


_SAID = 0.5


def carried(clause: Clause, sources: Sequence[Source]) -> float:
    """0…1: how much of a clause the units say, in its own words or in words near to them."""
    pool = stated(joined(sources))
    vectors, weights = stated(clause.text).tokens
    total = float(weights.sum())
    meaning = float(aligned((vectors, weights), pool.tokens) @ weights) / total if total else 0.0
    return (share(clause.bigrams, pool.bigrams) + meaning) / 2


def restates(sentence: Sentence, sources: Sequence[Source]) -> float:
    """0…1: how much of its least carried clause the units say; 0 where roles change places, or a word is
    negated on one side only."""
    text, pool = stated(sentence.statement), stated(joined(sources))
    swapped, _ = polarity.swapped(polarity.roles(text.text), polarity.roles(pool.text))
    strong, weak, _ = polarity.excluded(text.text, pool.text, pool.text)
    negated_here, negated_there = polarity.negated(text.text), polarity.negated(pool.text)
    turned = (negated_here & pool.bigrams) - negated_there or (negated_there & text.bigrams) - negated_here
    if swapped or strong or weak or turned:
        return 0.0
    return min((carried(clause, sources) for clause in text.clauses if len(clause.text) > 2), default=0.0)


MEANING: tuple[Guard, ...] = (negations, modality, parties, conditions, content)
