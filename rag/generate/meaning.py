"""What turns a sentence's meaning round: negation, must and may, who does it, conditions, exceptions, and what the sources say nothing of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.generate.guards import Finding, Guard, Sentence
from rag.generate.sources import Source, joined, nearest_clause, run_of, share, sources_of, stated
from rag.names import Names
from rag.support import polarity
from rag.support.clauses import Clause, aligned

_SPEAKS_OF, _REPEATS = 0.45, 0.55
"""Share of a clause's bigrams from which a cited unit speaks of the same, and from which another unit of its passage does."""
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
    """Whether one negates and the other does not; between two clauses, whether the one negates once more."""
    here, there = polarity.negations(clause.text), sum(polarity.negations(other.text) for other in run)
    return here % 2 != there % 2 if len(run) == 1 else (here == 0) != (there == 0)


def _retells(clause: Clause, other: Clause) -> bool:
    """Whether a longer clause holds most of this one of the sources."""
    held = share(other.bigrams, clause.bigrams)
    return len(other.text) >= _LEAST and held >= 0.5 and share(clause.bigrams, other.bigrams) >= 0.2


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
    as_near = [
        other
        for source in sources
        for other in stated(source.text).clauses
        if share(clause.bigrams, other.bigrams) >= closeness - 0.1
    ]
    acting = [_actor_of(other, sources) for other in as_near]
    if any(not there or _group(there) == _COURT or _same(_group(here), _group(there), in_case) for there in acting):
        return None
    return here, acting[0]


def _actor(text: str) -> str:
    """The role with which a clause begins, or that something is done by."""
    for role in polarity.roles(text):
        at = text.find(role)
        if (at <= _BEGINNING and not _DONE_TO.search(text[:at])) or text[:at].endswith("由"):
            return role
    return ""


_BEGINNING = 8
"""Characters within which the one who acts is named."""


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
_DONE_TO = re.compile(r"(?:向|对于?|关于|给|与|该|为|把|将|从|于|识别|侵害了?|侵犯了?|的|知道?)$")
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


MEANING: tuple[Guard, ...] = (negations, modality, parties, conditions, content)
