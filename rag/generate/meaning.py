"""What turns a sentence's meaning round: negation, must and may, who does it, conditions, exceptions, and what the sources say nothing of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.generate.guards import Finding, Guard, Sentence
from rag.generate.sources import Source, joined, nearest_clause, share, stated
from rag.names import Names
from rag.support import polarity
from rag.support.clauses import Clause, aligned

_SPEAKS_OF = 0.45
"""Share of a clause's bigrams from which a source's clause speaks of the same."""
_OPPOSED_MODALITY = (("must", "may"), ("may", "must"), ("not", "may"), ("may", "not"), ("must", "not"), ("not", "must"))
_MODAL_NAMES = {"must": "应当", "may": "可以", "not": "不得"}
_GROUPS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "平台 网络服务提供者 服务提供者 提供者 经营者 网站 公司",
        "用户 网络用户 使用者 使用人",
        "技术支持者",
        "原告 申请人",
        "权利人 著作权人",
        "被告 被上诉人",
        "侵权人 被诉侵权人",
        "法院 人民法院",
        "作者",
        "委托人",
        "受托人",
        "主管部门",
        "网信部门",
        "公安机关",
        "法人",
        "自然人 个人",
    )
)
# In a judgment the parties are also called by what they are.
_SAME_IN_A_CASE = (frozenset(("被告", "平台")), frozenset(("原告", "权利人")), frozenset(("被告", "侵权人")))
_NAMED_PARTY = re.compile(r"某[\u4e00-\u9fff]{2,8}?公司|[\u4e00-\u9fff]某(?![\u4e00-\u9fff]{0,8}公司)")
_LEAST = 6
"""Characters of a clause from which it says something of its own."""


def negations(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """A clause with a negation more or less than the part of the sources that it repeats, and a word for its opposite."""
    del names
    text, everything = stated(sentence.statement), stated(joined(sources))
    for clause in text.clauses:
        for source in sources:
            if turned := _turned(clause, stated(source.text).clauses, source is sources[0]):
                yield Finding("contradicted", f"与来源相反：“{clause.text}”，来源是“{turned.text}”")
                return
    if polarity.excluded(text.text, everything.text, everything.text)[0]:
        yield Finding("contradicted", "用了与来源相反的词")


def _turned(clause: Clause, clauses: Sequence[Clause], first: bool) -> Clause | None:
    """The clause of a unit that says what this one says with a negation more or less, unless another one, about as near, agrees."""
    if not clauses:
        return None
    even = _even(clause.text)
    near = max(clauses, key=lambda other: share(clause.bigrams, other.bigrams))
    closeness = share(clause.bigrams, near.bigrams)
    turned = near if closeness >= _SPEAKS_OF and _even(near.text) != even else None
    if turned is None and first:
        turned = next((c for c in clauses if _retells(clause, c) and _even(c.text) != even), None)
    if turned is None or any(_even(c.text) == even for c in clauses if share(clause.bigrams, c.bigrams) >= closeness - 0.1 and c is not turned):
        return None
    at = clauses.index(turned)
    # One clause may sum up two in a row, each with a negation of its own.
    before = clauses[at - 1] if at else None
    if before and clause.bigrams & (before.bigrams - turned.bigrams) and _even(before.text + turned.text) == even:
        return None
    return turned


def _retells(clause: Clause, other: Clause) -> bool:
    """Whether a longer clause holds most of this one of the sources."""
    return len(other.text) >= _LEAST and share(other.bigrams, clause.bigrams) >= 0.5 and share(clause.bigrams, other.bigrams) >= 0.2


def _even(text: str) -> bool:
    return polarity.negations(text) % 2 == 0


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
    in_case = any(source.meta.court for source in sources)
    for name in _NAMED_PARTY.findall(sentence.text):
        if name not in text:
            yield Finding("unsupported", f"所引来源没有提到“{name}”")
            return
    groups_there = {_group(role) for role in polarity.roles(text)}
    for role in polarity.roles(sentence.statement):
        if role not in text and not any(_same(_group(role), group, in_case) for group in groups_there):
            yield Finding("unsupported", f"所引来源说的不是“{role}”")
            return
    for clause in stated(sentence.statement).clauses:
        if wrong := _in_the_place_of(clause, sources, in_case):
            yield Finding("contradicted", f"来源说的是“{wrong[1]}”，不是“{wrong[0]}”")
            return


def _in_the_place_of(clause: Clause, sources: Sequence[Source], in_case: bool) -> tuple[str, str] | None:
    """Who acts in a clause, and who acts in the clause of the sources that says the same, where they are not the same."""
    here = _actor(clause.text)
    near, closeness = nearest_clause(clause, sources)
    if not here or _group(here) == _COURT or closeness < _ACTS:
        return None
    roles, roles_there = polarity.roles(clause.text), polarity.roles(near.text)
    out_of_order = polarity.swapped(roles, roles_there)[0]
    if out_of_order and bool(_PASSIVE.search(clause.text)) == bool(_PASSIVE.search(near.text)):
        return roles[0], roles_there[0]
    there = _actor_of(near, sources)
    if not there or _group(there) == _COURT or _same(_group(here), _group(there), in_case):
        return None
    return here, there


def _actor(text: str) -> str:
    """The first role of a clause that something is not merely done to or for."""
    return next((role for role in polarity.roles(text) if not _DONE_TO.search(text[: text.find(role)])), "")


def _actor_of(clause: Clause, sources: Sequence[Source]) -> str:
    """Who acts in a clause of the sources; where it does not say, who acts in the last clause before it that does."""
    for source in sources:
        clauses = stated(source.text).clauses
        if clause in clauses:
            told = (_actor(clauses[at].text) for at in range(clauses.index(clause), -1, -1))
            return next((actor for actor in told if actor), "")
    return ""


_ACTS = 0.4
"""Share of a clause's bigrams from which it tells of the same act."""
_COURT = "人民法院"
_DONE_TO = re.compile(r"(?:向|对|给|与|该|为|把|将|侵害|侵犯)$")
_PASSIVE = re.compile(r"由|被(?!告|诉|上|侵|申|许|代|监)|对|向|归")


def _group(role: str) -> str:
    return next((min(group) for group in _GROUPS if role in group), role)


def _same(one: str, other: str, in_case: bool) -> bool:
    pair = frozenset((one, other))
    return one == other or (in_case and any(pair <= {_group(role) for role in known} for known in _SAME_IN_A_CASE))


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
    known = stated(" ".join(f"{source.hit.passage.text} {source.meta.title}" for source in sources)).text
    for word in _LATIN.findall(stated(sentence.statement).text):
        if word not in known:
            yield Finding("partial", f"来源没有提到“{word}”")
            return
    for clause in stated(sentence.statement).clauses:
        if len(clause.text) >= _LEAST and carried(clause, sources) < _SAID:
            yield Finding("partial", f"来源没有提到“{clause.text}”")
            return


_LATIN = re.compile(r"[a-z]{2,}")
_SAID = 0.42
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


MEANING: tuple[Guard, ...] = (negations, modality, parties, conditions, content)
