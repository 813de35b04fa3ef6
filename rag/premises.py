"""What a question takes for granted about a case that it names, where the case's record says otherwise.

Another court, an instance that there was not, another sum, the parties the other way round, the opposite holding. Only what is plainly presupposed
counts: a question that asks whether it is so is no false premise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rag.simplify import simplify
from rag.support.quantities import quantities
from rag.types import DocumentMeta, Kind
from rag.understand import Ask, Query

_SHORT_COURTS = (
    (r"最高法(?!院|人)", "最高人民法院"),
    (r"最高法院", "最高人民法院"),
    (r"(?:北京互联网|北互|京互)(?!联网)(?:法院)?", "北京互联网法院"),
    (r"(?:杭州互联网|杭互)(?!联网)(?:法院)?", "杭州互联网法院"),
    (r"(?:广州互联网|广互)(?!联网)(?:法院)?", "广州互联网法院"),
    (r"(?<=[\u4e00-\u9fff])中院", "中级人民法院"),
    (r"(?<=[\u4e00-\u9fff])高院", "高级人民法院"),
)
_COURT = re.compile(r"[\u4e00-\u9fff]{2,14}?(?:人民法院|互联网法院|知识产权法院|法院)")
_LEAD = re.compile(
    r"^.*?(?:请问|听说|据说|为什么|为啥|怎么|如何|就是|那个|这个|请|由|被|在|和|与|跟|是|到|了|的|问|说|看|找|告|年|月|日|，)(?=[\u4e00-\u9fff]{2,})"
)
_LEVEL = re.compile(r"最高|高级|中级|互联网|知识产权")
_PLACE_NOISE = re.compile(r"[省市区县]|自治区|人民|法院|最高|高级|中级|互联网|知识产权|基层|第[一二三]")
_DECIDES = re.compile(
    r"(?!.{0,4}(?:公布|发布|评选|入选|评为|列为|典型))(?:.{0,4}(?:判|审|裁|认定|认为|支持|驳回|维持|作出|说)|的|在.{0,14}(?:案|判决)|那个|.{0,6}案)"
)
_ASKS_WHETHER = re.compile(
    r"是不是|是否|有没有|吗[？?]?$|(?<!什)么[？?]?$|对不对|会不会|哪个法院|哪家法院|什么法院|没[？?]?$|了没"
)
_SECOND = re.compile(
    r"(?:二审|终审|再审)(?:法院|判决|裁定)?(?:[^，。？?]{0,6})(?P<what>维持|改判|撤销|判决|认定|支持|驳回|补充|解释|判)|终审判决|再审(?:判决|认定|改判)"
)
_AWARDED = re.compile(r"判赔|赔偿|判给|获赔|赔了?|支持了?|判了?|给了?|罚了?")
_CLAIMED = re.compile(r"索赔|要求|主张|请求|诉请|想要|起诉要")
_MONEY = re.compile(
    r"\d[\d,]*(?:\.\d+)?\s*(?:[百千]?[万亿])?(?:多|余)?(?:元|块)?|[一二三四五六七八九十百千两]+[百千万亿](?:元|块)?"
)
_SUES = re.compile(
    r"(?P<plaintiff>[\u4e00-\u9fffA-Za-z]{2,14}?)(?:起诉|状告|(?<![上申控胜败])诉|(?<![原被公报广警通布忠上控])告(?!诉|知))(?P<defendant>[\u4e00-\u9fffA-Za-z]{1,14})"
)
_COMMON_NAME_PARTS = frozenset(
    [
        "公司",
        "有限",
        "科技",
        "网络",
        "信息",
        "技术",
        "某某",
        "北京",
        "上海",
        "杭州",
        "广州",
        "深圳",
        "文化",
        "传媒",
        "平台",
        "用户",
        "个人",
    ]
)
_IS_WORK = re.compile(
    r"(?:认定|认为|承认|判|支持).{0,16}(?:构成|属于|是|算)(?:了)?(?:著作权法(?:上|意义上)的)?作品|(?:受|享有).{0,4}著作权.{0,2}保护"
)
_IS_NO_WORK = re.compile(r"(?:认定|认为|判|否认).{0,16}(?:不构成|不属于|不是|不算)(?:著作权法(?:上|意义上)的)?作品")
_CLOSE = 0.01


def false_premises(query: Query, metas: Mapping[str, DocumentMeta]) -> list[str]:
    """What is wrong in what the question presupposes of the one case that it names, each said with what is true."""
    named = dict.fromkeys(i for reference in query.references for i in reference.document_ids)
    cases = [metas[identifier] for identifier in named if metas[identifier].kind is Kind.JUDGMENT]
    about_paper = query.ask is Ask.PAPER or any(metas[identifier].kind is Kind.PAPER for identifier in named)
    if len(cases) != 1 or query.carried_over or about_paper:
        return []
    case, text = cases[0], _with_full_courts(simplify(query.question))
    if _ASKS_WHETHER.search(text):
        return []
    found = [
        *_court(text, case),
        *_instance(text, case),
        *_parties(text, case),
        *_sum(text, case),
        *_holding(text, case),
    ]
    return found[:1]  # each says the whole record


def _with_full_courts(text: str) -> str:
    for pattern, name in _SHORT_COURTS:
        text = re.sub(pattern, name, text)
    return text.replace(" ", "")


def _court(text: str, case: DocumentMeta) -> Iterator[str]:
    courts = [court for court in (case.court, case.appeal.court if case.appeal else None) if court]
    for match in _COURT.finditer(text):
        name = _LEAD.sub("", match[0])
        if (
            not courts
            or case.jurisdiction != "CN"
            or "案" in name
            or (not _PLACE_NOISE.sub("", name) and not _LEVEL.search(name))
        ):
            continue
        if _DECIDES.match(text, match.end()) and not any(_same_court(name, court) for court in courts):
            yield f"{case.short_title}不是{name}审理的：{_record(case)}"


def _same_court(asked: str, court: str) -> bool:
    """Whether a name as people say it (南山法院) can be that of a court (深圳市南山区人民法院)."""
    place, whole = _PLACE_NOISE.sub("", asked), _PLACE_NOISE.sub("", court)
    levels = set(_LEVEL.findall(asked))
    return (place in whole or whole in place) and levels == set(_LEVEL.findall(court))


def _instance(text: str, case: DocumentMeta) -> Iterator[str]:
    match = _SECOND.search(text)
    if not match or (case.instance or "").startswith(("二审", "终审", "再审")):
        return
    outcome = (case.appeal.outcome if case.appeal else None) or ""
    if "再审" in match[0]:
        if "再审" not in outcome:
            yield f"来源中没有{case.short_title}再审的记载：{_record(case)}"
        return
    decided = re.search(r"维持|改判|撤销|驳回上诉", outcome) and not re.search(r"未核实|撤回|不是二审", outcome)
    stated = match["what"] or ""
    opposite = (stated == "维持" and "改判" in outcome) or (stated in ("改判", "撤销") and "维持" in outcome)
    if not decided or opposite:
        yield f"来源不能证实{case.short_title}有这样的二审裁判：{_record(case)}"


def _sum(text: str, case: DocumentMeta) -> Iterator[str]:
    """A sum that the question says was awarded and that the record does not have."""
    amounts = case.amounts
    if amounts is None or not amounts.awarded:
        return
    known = {value for unit, value in quantities(_plain(amounts.awarded)).amounts if unit == "yuan"}
    for match in _MONEY.finditer(text):
        before, after = text[max(0, match.start() - 8) : match.start()], text[match.end() : match.end() + 4]
        if not (_AWARDED.search(before) or after.startswith(("赔偿", "判赔", "的赔偿"))) or _CLAIMED.search(before):
            continue
        if re.match(r"年|月|日|号|[条款项]|张|个|次|人|家|篇|天|倍", text[match.end() :]):
            continue
        value = _yuan(match[0])
        if value and known and not any(abs(value - other) <= _CLOSE * other for other in known):
            yield f"{case.short_title}判赔的不是{match[0].strip()}：{amounts.awarded}。"


def _plain(text: str) -> str:
    return re.sub(r"(?<=\d),(?=\d{3})", "", text)


def _yuan(written: str) -> float | None:
    written = re.sub(r"[多余\s]", "", _plain(written)).replace("块", "元")
    found = quantities(written if written.endswith("元") else f"{written}元").amounts
    return next((value for unit, value in found if unit == "yuan" and value >= 100), None)


def _parties(text: str, case: DocumentMeta) -> Iterator[str]:
    """The defendant said to have sued."""
    match = _SUES.search(text)
    if not match or case.parties is None:
        return
    plaintiffs, defendants = "；".join(case.parties.plaintiff), "；".join(case.parties.defendant)
    said = match["plaintiff"]
    if _is_named(said, defendants) and not _is_named(said, plaintiffs):
        yield (
            f"{case.short_title}的原告不是它：原告是{'、'.join(case.parties.plaintiff)}，被告是{'、'.join(case.parties.defendant)}；"
            + _record(case)
        )


def _is_named(said: str, names: str) -> bool:
    """Whether two characters in a row of what is said, that are no common part of company names, stand in the names."""
    return any(said[i : i + 2] in names and said[i : i + 2] not in _COMMON_NAME_PARTS for i in range(len(said) - 1))


def _holding(text: str, case: DocumentMeta) -> Iterator[str]:
    """That the court held something to be a work, or not, where it held the opposite and nothing else."""
    taken = {position.position for position in case.positions if position.issue == "copyrightability"}
    if taken == {"not_protected"} and _IS_WORK.search(text) and not _IS_NO_WORK.search(text):
        yield f"{case.short_title}没有认定构成作品，法院的结论相反：{_anchor(case, 'copyrightability')}。"
    elif taken == {"protected"} and _IS_NO_WORK.search(text):
        yield f"{case.short_title}没有否定作品，法院的结论相反：{_anchor(case, 'copyrightability')}。"


def _anchor(case: DocumentMeta, issue: str) -> str:
    return next(position.anchor for position in case.positions if position.issue == issue)


def _record(case: DocumentMeta) -> str:
    """What the record says of court, number, day, appeal and award."""
    parts = [
        f"{case.court or ''}{case.number or ''}{f'，{case.decided}' if case.decided else ''}作出{case.instance or ''}判决"
    ]
    if case.appeal and (case.appeal.outcome or case.appeal.court):
        parts.append(
            f"上诉：{case.appeal.court or ''}{case.appeal.number or ''}{case.appeal.outcome or '结果未见公开'}"
        )
    elif case.finality == "final":
        parts.append("来源中没有二审的记载")
    if case.amounts and case.amounts.awarded:
        parts.append(f"判赔：{case.amounts.awarded}")
    return "；".join(parts) + "。"
