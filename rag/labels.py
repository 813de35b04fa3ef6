"""The Chinese words for what the types say: kinds, places, dates in force, finality, kinds of text, refusals."""

from __future__ import annotations

import datetime as dt

from rag.types import Finality, Kind, RefusalReason, TextStatus

KINDS: dict[Kind, str] = {
    Kind.LAW: "法律",
    Kind.TREATY: "国际条约",
    Kind.ADMINISTRATIVE_REGULATION: "行政法规",
    Kind.JUDICIAL_INTERPRETATION: "司法解释",
    Kind.DEPARTMENTAL_RULE: "部门规章",
    Kind.JUDICIAL_DOCUMENT: "司法文件",
    Kind.JUDGMENT: "判决",
    Kind.STANDARD: "标准",
    Kind.PAPER: "论文",
    Kind.OWN: "自有文档",
}
JURISDICTIONS = {
    "CN": "中国",
    "CZ": "捷克",
    "DE": "德国",
    "EU": "欧盟",
    "GB": "英国",
    "JP": "日本",
    "KR": "韩国",
    "UK": "英国",
    "US": "美国",
}
FINALITY: dict[Finality, str] = {
    "final": "已生效",
    "not_final": "未生效",
    "pending": "审理中",
    "unknown": "是否生效未查明",
}
TEXT_STATUS: dict[TextStatus, str] = {"digest": "摘要", "official": "官方文本", "full_text": "全文"}
EVIDENCE = {"single_source": "单一来源", "unverified": "未核实"}
REFUSALS: dict[RefusalReason, str] = {
    "out_of_scope": "不在回答范围内",
    "not_in_corpus": "资料里没有",
    "version_not_in_corpus": "没有那一天施行的版本",
    "false_premise": "问题里的前提不成立",
    "unclear": "请问得再具体一些",
}


def authority(kind: Kind, jurisdiction: str) -> str:
    """法律, 判决, …; foreign sources are named as such, never as authority for Chinese law."""
    if jurisdiction == "CN" or kind is Kind.OWN:
        return KINDS[kind]
    what = {Kind.JUDGMENT: "境外判决", Kind.PAPER: "境外文献"}.get(kind, "境外法")
    return f"{what} · {JURISDICTIONS.get(jurisdiction, jurisdiction)}"


def validity(kind: Kind, dated: dt.date | None, repealed: dt.date | None, in_force: bool) -> str:
    """现行有效，2021-06-01 起施行 · 2024-02-08 判决 · 2019-01-01 发表; ``dated`` as in ``DocumentMeta``."""
    if kind is Kind.JUDGMENT:
        return f"{dated} 判决" if dated else "判决日期未查明"
    if kind is Kind.PAPER:
        return f"{dated} 发表" if dated else ""
    if kind is Kind.OWN:
        return ""
    since = f"{dated} 起施行" if dated else "施行日期未载明"
    if in_force:
        return f"有效，{since}"
    return f"{repealed} 起失效" if repealed else f"当日尚未施行，{since}"
