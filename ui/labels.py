"""The words that the page uses for what ``rag`` says."""

from __future__ import annotations

import datetime as dt

from rag import Citation, Document, Kind
from rag.labels import FINALITY, JURISDICTIONS, KINDS, TEXT_STATUS

TEXT_STATUS_MEANING = {
    "digest": "以下是本项目用自己的话写的摘要，不是官方原文；正式引用请核对官方文本。",
    "official": "以下是官方文本。",
    "full_text": "以下是公开获取的全文。",
}
EVIDENCE = {"single_source": "单一来源", "unverified": "未核实"}
SUPPORT = {
    "partial": ":orange-badge[来源只支持一部分]",
    "unsupported": ":red-badge[来源不支持]",
    "contradicted": ":red-badge[与来源矛盾]",
}
REFUSALS = {
    "out_of_scope": "不在回答范围内",
    "not_in_corpus": "资料里没有",
    "version_not_in_corpus": "没有那一天施行的版本",
    "false_premise": "问题里的前提不成立",
    "unclear": "请问得再具体一些",
}
NOTICE = "回答由人工智能自动生成，只依据所列来源，仅供参考，不构成法律意见。"
EXAMPLES = (
    "广州奥特曼案里，平台为什么要承担赔偿责任？",
    "用 AI 画的图有著作权吗？",
    "北京“AI 文生图”案判赔多少？",
    "服务提供者要怎样标识 AI 生成的图片和视频？",
    "论文认为 AI 生成物的著作权应当归谁？",
    "个人学习时使用别人的作品，要经过许可吗？",
)


def authority(kind: Kind, jurisdiction: str) -> str:
    """法律, 判决, …; foreign sources are named as such, never as authority for Chinese law."""
    if jurisdiction == "CN":
        return KINDS[kind]
    what = {Kind.JUDGMENT: "境外判决", Kind.PAPER: "境外文献"}.get(kind, "境外法")
    return f"{what} · {JURISDICTIONS.get(jurisdiction, jurisdiction)}"


def validity(kind: Kind, effective: dt.date | None, repealed: dt.date | None, in_force: bool) -> str:
    """现行有效，2021-06-01 起施行 · 2024-02-08 判决 · 2019-01-01 发表."""
    if kind in (Kind.JUDGMENT, Kind.PAPER):
        return f"{effective} {'判决' if kind is Kind.JUDGMENT else '发表'}" if effective else ""
    since = f"{effective} 起施行" if effective else "施行日期未载明"
    if in_force:
        return f"有效，{since}"
    return f"{repealed} 起失效" if repealed else f"当日尚未施行，{since}"


def badges(citation: Citation) -> str:
    """A citation's badges as Streamlit Markdown: authority, dates, kind of text, evidence."""
    colour = "gray" if citation.jurisdiction != "CN" or citation.kind is Kind.PAPER else "blue"
    found = [f":{colour}-badge[{authority(citation.kind, citation.jurisdiction)}]"]
    if text := validity(citation.kind, citation.effective, citation.repealed, citation.in_force):
        dated = citation.kind in (Kind.JUDGMENT, Kind.PAPER)
        found.append(f":{'red' if not citation.in_force else 'gray' if dated else 'green'}-badge[{text}]")
    colour = "green" if citation.text_status == "official" else "gray"
    found.append(f":{colour}-badge[{TEXT_STATUS[citation.text_status]}]")
    if citation.evidence in EVIDENCE:
        found.append(f":orange-badge[{EVIDENCE[citation.evidence]}]")
    return " ".join(found)


def facts(document: Document) -> str:
    """One line on what a document is: number, court or issuer, date, whether a judgment is final."""
    meta = document.meta
    dated = {Kind.JUDGMENT: "判决", Kind.PAPER: "发表"}.get(meta.kind, "起施行")
    found = [
        meta.number,
        meta.court or _first(meta.issuer),
        f"{meta.valid_from} {dated}" if meta.valid_from else None,
        f"{meta.repealed} 起失效" if meta.repealed else None,
        FINALITY[meta.finality] if meta.finality else None,
        f"{meta.checked} 核对" if meta.checked else None,
    ]
    return " · ".join(part for part in found if part)


def _first(issuers: str | None) -> str | None:
    """国家互联网信息办公室等 for a list of seven."""
    first, more, _ = (issuers or "").partition("、")
    return f"{first}等" if more else first or None
