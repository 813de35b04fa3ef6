"""What people call a document for short, told from its title.

中华人民共和国增值税暂行条例 → 增值税暂行条例, 增值税条例 · 某诉某纠纷案（伴心案） → 伴心案, 伴心一案, 伴心判决
最高人民法院关于审理著作权民事纠纷案件适用法律若干问题的解释 → what is said of 著作权 by a 解释: see ``Topic``
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.fold import fold
from rag.numerals import NUMERAL, to_int
from rag.types import DocumentMeta, Kind

STATE = "中华人民共和国"
_MARK = re.compile(r"\((?:试行|暂行|修订|修正|修正本|(?:19|20)\d{2}[^()]{0,12})\)$")
_IMPLEMENTING = re.compile(r"(?P<law>.{2,}法)实施(?P<kind>条例|细则|办法)$")
_PROVISIONS_ON = re.compile(r"(?:国务院)?实施(?P<law>.+法)的?(?:若干)?规定")
_LAST_BRACKET = re.compile(r"\((?P<inside>(?:[^()]|\([^()]*\))+)\)$")
_CASE_ENDINGS = ("一案", "侵权案", "纠纷案", "判决", "的判决", "裁判")

_ABOUT = re.compile(
    r"(?P<issuer>[^关]{0,40}?)关于(?P<topic>.{2,}?)"
    r"(?P<kind>(?:补充|特别|暂行)?规定|解释|批复|解答|答复|意见|通知|(?:补充)?安排|(?:暂行)?办法|决定)"
    r"(?:\((?P<serial>[一二三四五六七八九十]+)\))?"
)
_COURT = "最高人民"
_TAIL = re.compile(r"(?:的|若干|有关|几个|问题|(?:具体|如何)?(?:适用|应用)(?:有关)?法律|法律适用|具体应用)$")
_OF_A_LAW = re.compile(r"(?:在.{2,8}中)?(?:适用|执行|实施)(?P<law>《[^》]+》|刑法)(?P<part>.*)")
_VERB = re.compile(r"^(?:正确|依法|进一步|严格)?(?:审理|办理|审查|处理|确定|适用|规范)?(?:涉及|有关|因|与|涉(?!外))?")
_RULE_APPLIED = re.compile(r"(?:案件|纠纷)适用(?P<rule>(?!国际).{4,})$")
_CASES = re.compile(r"(?P<field>民商事|民事|刑事|行政)?(?:纠纷)?(?:案件)?$")
_ENDING = re.compile(r"(?:编|制度|责任)$")
_SHORTEST = 2
"""Characters of a topic at least."""

AFTER_TOPIC = re.compile(
    r"(?:编|制度|责任)?(?P<field>民商事|民事|刑事|行政)?(?:侵权|纠纷|案件)*(?:(?:具体)?(?:适用|应用)法律)?(?P<link>(?:的|若干|有关|问题)*)"
    r"(?P<kind>司法解释|(?:补充|特别|暂行)?规定|解释|批复|解答|答复|意见|通知|(?:补充)?安排|(?:暂行)?办法|决定)"
    rf"(?:\((?P<serial>{NUMERAL})\)|(?P<bare_serial>[一二三四五六七八九十]{{1,2}}(?![一二三四五六七八九十百千条款项年月日个种])"
    r"|\d{1,2}(?![\d条款项年月日个种])))?"
)
"""What follows the topic of an instrument in its short names: 婚姻家庭 + 编的解释（一）, 著作权 + 民事纠纷司法解释."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a 关于…的解释, 规定 or the like is about, and what tells it from others on the same topic.

    ``text`` is the folded core of the topic; ``of_law`` that it is nothing but a law's title (公司法), ``by_court`` that 司法解释 names it
    as well.
    """

    text: str
    kind: str
    field: str | None
    serial: int | None
    of_law: bool
    by_court: bool


def titles(meta: DocumentMeta) -> list[str]:
    """The folded title of a document, also without the state's name and without marks of trial or of the version."""
    whole = fold(meta.title)
    if meta.kind in (Kind.JUDGMENT, Kind.PAPER, Kind.OWN):
        return [whole]
    found = [form for name in (whole, _MARK.sub("", whole)) for form in (name, name.replace(STATE, ""))]
    return list(dict.fromkeys(found))


def short_names(meta: DocumentMeta) -> list[str]:
    """Folded names that the title and the aliases of a document lead to, beyond themselves."""
    if meta.kind in (Kind.PAPER, Kind.OWN):
        return []
    found = _case_names(meta) if meta.kind is Kind.JUDGMENT else _regulation_names(titles(meta)[-1])
    return list(dict.fromkeys(found))


def topics(meta: DocumentMeta) -> list[Topic]:
    """What the title of a judicial interpretation or the like is about, from its full wording down to its core; else nothing."""
    if meta.kind in (Kind.JUDGMENT, Kind.PAPER, Kind.OWN):
        return []
    match = _ABOUT.fullmatch(_MARK.sub("", _with_law_brackets(meta.title)))
    if not match:
        return []
    by_court = _COURT in match["issuer"] and match["kind"] in ("解释", "规定")
    return [
        Topic(text, match["kind"], field, to_int(match["serial"]) if match["serial"] else None, of_law, by_court)
        for text, field, of_law in _cores(_without_tail(match["topic"]))
        if len(text) >= _SHORTEST
    ]


def _with_law_brackets(title: str) -> str:
    """A title folded, but with the brackets around the laws that it names."""
    pieces = re.split(r"([《》])", title.translate(str.maketrans("〈〉", "《》")))
    return "".join(piece if piece in "《》" else fold(piece) for piece in pieces).replace(STATE, "")


def _cores(topic: str) -> list[tuple[str, str | None, bool]]:
    """(core, field of the cases, whether it is a law's title alone), without repeats."""
    found: list[tuple[str, str | None, bool]] = []
    if match := _OF_A_LAW.fullmatch(topic):
        law, part = match["law"].strip("《》"), _without_tail(re.sub(r"^(?:有关|关于)", "", match["part"]))
        forms = dict.fromkeys((part, _ENDING.sub("", part))) if part else ()
        found = [(of, None, False) for form in forms for of in (law + form, form)] or [(law, None, True)]
    else:
        topic = topic.replace("《", "").replace("》", "")
        rule = _RULE_APPLIED.search(topic)
        for form in (topic, *([rule["rule"]] if rule else [])):
            cases = _CASES.search(form)
            core, field = (form[: cases.start()], cases["field"]) if cases else (form, None)
            core = _VERB.sub("", core, count=1)
            found += [(of, field, False) for of in (core, re.sub("^侵[犯害]", "", core), _ENDING.sub("", core))]
    found += [(text.replace("、", ""), field, of_law) for text, field, of_law in found]
    return list(dict.fromkeys(found))


def _without_tail(topic: str) -> str:
    while match := _TAIL.search(topic):
        topic = topic[: match.start()]
    return topic


def _regulation_names(title: str) -> Iterator[str]:
    """暂行 or 实施 left out, the country before an institution left out."""
    if "暂行" in title:
        yield title.replace("暂行", "", 1)
    if match := _IMPLEMENTING.fullmatch(title):
        yield f"{match['law']}的实施{match['kind']}"
        if match["kind"] != "办法":
            yield f"{match['law']}{match['kind']}"
    if title.startswith("中国") and title.endswith(("法", "条例")):
        yield title.removeprefix("中国")
    if match := _PROVISIONS_ON.fullmatch(title):
        yield f"{match['law']}实施规定"
    if "关于" in title:
        yield title[title.index("关于") :]


def _case_names(meta: DocumentMeta) -> Iterator[str]:
    """A case's title without its bracket, what stands in the bracket, and endings that people use instead of 案 and case."""
    title = fold(meta.title)
    names = [fold(alias) for alias in meta.aliases]
    if bracket := _LAST_BRACKET.search(title):
        names.append(title[: bracket.start()])
        names += [part for part in re.split("[、,]", bracket["inside"]) if part.endswith("案") and len(part) > 2]
    for name in names:
        yield name
        if name.endswith("案") and len(name) > 2:
            stem = name.removesuffix("案")
            yield from (stem + ending for ending in _CASE_ENDINGS)
            if stem.isascii():
                yield f"{stem} case"
            if "诉" in stem:
                yield stem
        elif name.endswith(" case"):
            yield from (f"{name.removesuffix(' case')} {ending}" for ending in ("judgment", "decision", "ruling"))
