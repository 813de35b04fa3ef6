"""Turn a true statement of law into one that is no longer carried: the errors that a claim check must see, made by rule.

Every function returns the changed text, or None where the text has nothing of the kind to change.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from rag.data import word_list
from rag.numerals import CHINESE_DIGITS, to_chinese, to_int
from rag.support.polarity import roles

Perturb = Callable[[str, random.Random], "str | None"]

_NEGATED = re.compile(
    r"(?:并|尚|从)?[不未无非](?=构成|承担|属于|享有|予以|影响|适用|支持|具有|经|得|须|需|必|履行|侵害|存在|负|能|符合|认定|明知|收取|公开|支付)|没有|并非|不(?=[\u4e00-\u9fff]{2})"
)
_PREDICATE = re.compile(
    r"(?<![不未无非])(构成|承担|属于|享有|予以|影响|适用|支持|具有|侵害|存在|符合|认定|负有|可以|应当|必须|经(?=.{1,10}(?:同意|许可))|是(?![否指])|有权|需要|能够|包括|视为|撤销|免除|生效|成立)"
)
_FLIPPED = {
    "有权": "无权",
    "可以": "不可以",
    "应当": "不应当",
    "必须": "不必",
    "需要": "不需要",
    "能够": "不能",
    "是": "不是",
    "免除": "不免除",
    "经": "未经",
}
_UNNEGATED = {"没有": "有", "并非": "是", "不得": "可以", "无须": "应当", "不予": "予以"}
_PAIRS_OF_POLARITY = (
    ("支持", "驳回"),
    ("驳回", "支持"),
    ("有效", "无效"),
    ("无效", "有效"),
    ("有权", "无权"),
    ("无权", "有权"),
    ("合法", "违法"),
    ("免除", "承担"),
    ("允许", "禁止"),
    ("禁止", "允许"),
    ("同意", "拒绝"),
    ("拒绝", "同意"),
    ("维持", "撤销"),
    ("胜诉", "败诉"),
    ("成立", "不成立"),
)
_MODAL = (
    ("应当", ("可以", "不得")),
    ("可以", ("应当", "必须", "不得")),
    ("不得", ("可以", "应当")),
    ("必须", ("可以",)),
    ("有权", ("应当",)),
    ("无须", ("应当",)),
    ("不需要", ("必须",)),
    ("禁止", ("可以",)),
    ("应", ("可",)),
)
_CONDITIONS = (
    ("事先", "事后"),
    ("事后", "事先"),
    ("书面", "口头"),
    ("口头", "书面"),
    ("明知", "不知"),
    ("应知", "不知"),
    ("故意", "过失"),
    ("过失", "故意"),
    ("全部", "部分"),
    ("部分", "全部"),
    ("以上", "以下"),
    ("以下", "以上"),
    ("以内", "以后"),
    ("超过", "不足"),
    ("不超过", "不少于"),
    ("至少", "至多"),
    ("单独", "共同"),
    ("共同", "单独"),
    ("境内", "境外"),
    ("境外", "境内"),
    ("之前", "之后"),
    ("之后", "之前"),
    ("以前", "以后"),
    ("公开", "秘密"),
    ("无偿", "有偿"),
    ("免费", "收费"),
    ("营利", "非营利"),
    ("直接", "间接"),
    ("主要", "次要"),
    ("连带责任", "按份责任"),
    ("显式", "隐式"),
    ("隐式", "显式"),
    ("专有", "非专有"),
    ("同时", "事后"),
    ("首次", "再次"),
    ("分别", "一并"),
    ("的除外", "的也包括在内"),
    ("除外", "也不例外"),
    ("但是", "因此"),
    ("未经", "经"),
    ("最高", "最低"),
    ("增加", "减少"),
    ("从重", "从轻"),
    ("扣除", "加上"),
    ("一方", "双方"),
    ("自动", "人工"),
    ("善意", "恶意"),
    ("或者", "并且"),
    ("和", "或"),
    ("合理", "任何"),
    ("情节严重", "情节轻微"),
    ("显著", "不显眼"),
)
_AUTHORITIES = (
    ("最高人民法院", "高级人民法院"),
    ("高级人民法院", "中级人民法院"),
    ("中级人民法院", "基层人民法院"),
    ("基层人民法院", "中级人民法院"),
    ("北京互联网法院", "杭州互联网法院"),
    ("杭州互联网法院", "广州互联网法院"),
    ("广州互联网法院", "北京互联网法院"),
    ("一审", "二审"),
    ("二审", "一审"),
    ("再审", "二审"),
    ("国务院", "省级人民政府"),
    ("县级以上", "市级以上"),
    ("省级", "县级"),
    ("国家网信部门", "国家版权局"),
    ("网信部门", "公安机关"),
    ("公安机关", "检察机关"),
    ("市场监督管理部门", "税务机关"),
    ("人民法院", "仲裁机构"),
    ("仲裁委员会", "人民法院"),
    ("全国人民代表大会常务委员会", "国务院"),
    ("著作权主管部门", "市场监督管理部门"),
    ("设区的市级", "县级"),
    ("判决", "裁定"),
    ("裁定", "判决"),
    ("知识产权法院", "互联网法院"),
    ("上一级", "同级"),
    ("主管部门", "行业协会"),
    ("股东会", "董事会"),
    ("董事会", "监事会"),
    ("区人民法院", "市中级人民法院"),
    ("张家港市", "常熟市"),
    ("北京", "上海"),
    ("上海", "北京"),
    ("广州", "深圳"),
    ("深圳", "广州"),
    ("杭州", "苏州"),
    ("美国", "英国"),
    ("德国", "法国"),
    ("英国", "德国"),
)
_NUMBER = re.compile(
    rf"\d[\d,]*(?:\.\d+)?|[{CHINESE_DIGITS}]+(?=[年月日天倍元人名个份次款万亿小周]|分之)|(?<=百分之)[{CHINESE_DIGITS}]+"
)
_DATE = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<sep>年)|(?P<month>\d{1,2})月(?!以)|(?P<day>\d{1,2})日")
_NO_DIGIT = re.compile(r"第$|[a-z\-]$", re.IGNORECASE)


def negation(text: str, rng: random.Random) -> str | None:
    """构成 → 不构成, 不得 → 可以, 支持 → 驳回."""
    ways: list[str] = []
    for match in _NEGATED.finditer(text):
        whole = next((word for word in _UNNEGATED if text.startswith(word, match.start())), match[0])
        ways.append(text[: match.start()] + _UNNEGATED.get(whole, "") + text[match.start() + len(whole) :])
    for match in _PREDICATE.finditer(text):
        ways.append(text[: match.start()] + _FLIPPED.get(match[0], "不" + match[0]) + text[match.end() :])
    ways += [_once(text, old, new, rng) for old, new in _PAIRS_OF_POLARITY if old in text]
    return rng.choice(ways) if ways else None


def number(text: str, rng: random.Random) -> str | None:
    """Another amount, term or multiple in the same writing."""
    found = [m for m in _NUMBER.finditer(text) if not _NO_DIGIT.search(text[: m.start()]) and not _is_date(text, m)]
    if not found:
        return None
    match = rng.choice(found)
    written = match[0]
    value = to_int(written) if not written[0].isdigit() else None
    if value is not None:
        changed = rng.choice(
            [v for v in (value + 1, value + 2, value * 2, value - 1, value * 10, value // 2) if v > 0 and v != value]
        )
        return text[: match.start()] + to_chinese(changed) + text[match.end() :]
    if not written[0].isdigit():
        return None
    plain = float(written.replace(",", ""))
    changed_plain = rng.choice(
        [
            v
            for v in (plain * 2, plain * 10, plain + 1, plain - 1, plain / 2, plain * 1.5, plain + 10)
            if v > 0 and v != plain
        ]
    )
    shown = f"{changed_plain:,.0f}" if "," in written else f"{changed_plain:g}"
    return text[: match.start()] + shown + text[match.end() :]


def date(text: str, rng: random.Random) -> str | None:
    """Another year, month or day."""
    found = list(_DATE.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    if match["year"]:
        return (
            text[: match.start("year")]
            + str(int(match["year"]) + rng.choice([-3, -2, -1, 1, 2]))
            + text[match.end("year") :]
        )
    name = "month" if match["month"] else "day"
    limit = 12 if name == "month" else 28
    value = rng.choice([v for v in range(1, limit + 1) if v != int(match[name])])
    return text[: match.start(name)] + str(value) + text[match.end(name) :]


def party(text: str, rng: random.Random) -> str | None:
    """Roles change places, or one takes the place of its counterpart."""
    found = roles(text)
    ways: list[str] = []
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            if one not in other and other not in one:
                ways.append(text.replace(one, "\0").replace(other, one).replace("\0", other))
    if not ways:
        sides = [line.split() for line in word_list("exclusive")]
        ways = [
            text.replace(word, rng.choice([w for w in side if w != word]))
            for side in sides
            for word in side
            if word in found and len(side) < 5
        ]
    return rng.choice(ways) if ways else None


def modality(text: str, rng: random.Random) -> str | None:
    """A duty becomes a choice, a prohibition a right."""
    found = [(old, new) for old, news in _MODAL if old in text for new in news]
    return _once(text, *rng.choice(found), rng) if found else None


def condition(text: str, rng: random.Random) -> str | None:
    """事先 → 事后, 书面 → 口头, 除外 → 也不例外."""
    found = [
        (old, new) for old, new in _CONDITIONS if old in text and not (old in ("和", "或者") and rng.random() < 0.8)
    ]
    return _once(text, *rng.choice(found), rng) if found else None


def authority(text: str, rng: random.Random) -> str | None:
    """Another court, level, instance or authority."""
    found = [(old, new) for old, new in _AUTHORITIES if old in text]
    return _once(text, *rng.choice(found), rng) if found else None


PERTURBATIONS: dict[str, Perturb] = {
    "negation": negation,
    "number": number,
    "date": date,
    "party": party,
    "modality": modality,
    "condition": condition,
    "court": authority,
}


def _once(text: str, old: str, new: str, rng: random.Random) -> str:
    """One occurrence of ``old`` replaced."""
    at = rng.choice([match.start() for match in re.finditer(re.escape(old), text)])
    return text[:at] + new + text[at + len(old) :]


def _is_date(text: str, match: re.Match[str]) -> bool:
    return (
        bool(re.match(r"[年月日]", text[match.end() :]))
        and match[0].isdigit()
        and (len(match[0]) == 4 or "月" in text[max(0, match.start() - 3) : match.end() + 1])
    )
