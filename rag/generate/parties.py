"""Who does it: the party of a sentence against the party of the source that says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.generate.guards import Finding, Guard, Sentence
from rag.generate.sources import Source, joined, nearest_clause, share, sources_of, stated
from rag.names import Names
from rag.support import polarity
from rag.support.clauses import Clause, bigrams

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
    acting = [actor for actor in acting if actor and _group(actor) != _COURT]
    if not acting or any(_same(_group(here), _group(there), in_case) for there in acting):
        return None
    return here, acting[0]


def _actor(text: str) -> str:
    """The role with which a clause begins, or that something is done by."""
    roles = polarity.roles(text)
    for role in roles:
        at = text.find(role)
        if any(text.startswith(other, at + len(role)) for other in roles):
            continue  # 平台用户 are users
        if (at <= _BEGINNING and not _DONE_TO.search(text[:at]) and not _DOING.search(text[:at])) or text[:at].endswith(
            "由"
        ):
            return role
    return ""


_DOING = re.compile(r"[曾已把将被对向用以在从经于不]|参考|应当|可以")
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


_AND_OTHERS = re.compile(r"^(?:[、和与及][\u4e00-\u9fff]{2,10}?公司)+")
_PLAIN = r"[^不得对于应当可以指知判用利把将向为与和或即是有没未经从在收能说驳支请，。、“”\s]"
_HEAD = re.compile(
    r"^(?:但是?|而且?|并且|其中|如果|若|因此?|由于|又|也|即使|只要)?(?:(?:一审|二审)?法院)?(?:判决|判令|认定|认为)?"
    rf"(?P<who>(?:智能|{_PLAIN}){{0,8}}?(?:公司|平台|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]某(?![\u4e00-\u9fff]{{1,8}}公司)|机构|软件|ai(?=视|是|不|享)|设计者|开发者|使用者|提供者|作者|法人|自然人|原告|被告|用户|公安机关))"
    rf"(?P<more>公司|平台|[\u4e00-\u9fff]某|用户|软件|设计者|开发者|使用者|提供者|作者)?"
)
_TELLS = 0.45
"""Share of what a clause says of its subject from which a source's clause says it too."""
_LEAST_SAID = 4
"""Pairs of characters that must be said of a subject for the saying to be told from others."""


def subjects(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """What the sources say of one party, said of another (数据堂公司没有遵守开源许可, where it is 隐木公司 that did not), or denied of it.

    Every clause of the cited passages that says as much as the nearest one is asked; one of them must agree in both.
    """
    del names
    in_case = any(source.meta.court for source in sources)
    units = [unit for hit in {s.hit.passage.id: s.hit for s in sources}.values() for unit in sources_of(hit)]
    for clause in stated(sentence.statement).clauses:
        who, said = _who(clause.text) if in_case or "视为" in clause.text else ("", frozenset())
        if not who or len(said) < _LEAST_SAID:
            continue
        told = [
            (share(said, other.bigrams), unit, at)
            for unit in units
            for at, other in enumerate(stated(unit.text).clauses)
        ]
        most = max((held for held, _, _ in told), default=0.0)
        asked = [
            (unit, at)
            for held, unit, at in told
            if held >= max(_TELLS, most - 0.1) and not stated(unit.text).clauses[at].text.startswith("关于")
        ]
        if asked and not any(_agrees(clause, who, unit, at, in_case) for unit, at in asked):
            unit, at = asked[0]
            yield Finding(
                "contradicted", f"来源说的是“{_subject(unit, at)}{stated(unit.text).clauses[at].text}”，不是“{who}”"
            )
            return


def _who(text: str) -> tuple[str, frozenset[str]]:
    """The party that a clause begins with, and what it says of it; nothing where it begins with none."""
    head = _HEAD.match(text)
    if not head:
        return "", frozenset()
    more = head["more"] or ""
    who = more if more == "用户" else head["who"] + more  # 平台用户 are users
    return who, bigrams(_AND_OTHERS.sub("", text[head.end() :]))


def _agrees(clause: Clause, who: str, unit: Source, at: int, in_case: bool) -> bool:
    other = _subject(unit, at)
    same = not other or _is_same_party(who, other, in_case)
    clauses = stated(unit.text).clauses
    # One clause may sum up two: 知道…而没有采取必要措施.
    there = [polarity.negations(clauses[at].text), polarity.negations("，".join(c.text for c in clauses[at : at + 2]))]
    return same and any(polarity.negations(clause.text) % 2 == count % 2 for count in there)


def _subject(unit: Source, at: int) -> str:
    """Of whom a clause speaks: its own head, or that of one of the clauses before it; empty where none has one."""
    clauses = stated(unit.text).clauses
    for position in range(at, max(at - 4, -1), -1):
        if who := _who(clauses[position].text)[0]:
            return who
    return ""


def _is_same_party(one: str, other: str, in_case: bool) -> bool:
    if bigrams(one) & bigrams(other) - _KINDS or one in other or other in one:
        return True
    if _COMPANY.search(one) and _COMPANY.search(other):
        return False
    roles_one, roles_other = polarity.roles(one), polarity.roles(other)
    return any(_same(_group(a), _group(b), in_case) for a in roles_one for b in roles_other)


_COMPANY = re.compile(r"[\u4e00-\u9fff]公司$")
_KINDS = frozenset({"公司", "平台", "组织", "机构", "部门", "使用", "用者", "作者", "法人"})
"""What the names of different parties have in common."""


PARTIES: tuple[Guard, ...] = (parties, subjects)
