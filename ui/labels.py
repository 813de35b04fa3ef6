"""The words that the page uses for what ``rag`` says."""

from __future__ import annotations

import datetime as dt

from rag import Citation, Document, DocumentMeta, Kind
from rag.labels import EVIDENCE, FINALITY, REFUSALS, TEXT_STATUS, authority, validity

__all__ = [
    "REFUSALS", "SUPPORT", "TEXT_STATUS_MEANING", "authority", "badges", "document_badges", "facts", "validity",
]  # fmt: skip

TEXT_STATUS_MEANING = {
    "digest": "以下是本项目用自己的话写的摘要，不是官方原文；正式引用请核对官方文本。",
    "official": "以下是官方文本。",
    "full_text": "以下是公开获取的全文。",
}
SUPPORT = {
    "partial": ":orange-badge[来源只支持一部分]",
    "unsupported": ":red-badge[来源不支持]",
    "contradicted": ":red-badge[与来源矛盾]",
}


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


def document_badges(meta: DocumentMeta, day: dt.date) -> str:
    """A document's badges: authority, dates, whether a judgment is final, kind of text, evidence."""
    in_force = meta.in_force(day)
    is_own_law = meta.jurisdiction == "CN" and meta.kind is not Kind.PAPER
    found = [f":{'blue' if is_own_law else 'gray'}-badge[{authority(meta.kind, meta.jurisdiction)}]"]
    if text := validity(meta.kind, meta.valid_from, meta.repealed, in_force):
        dated = meta.kind in (Kind.JUDGMENT, Kind.PAPER)
        found.append(f":{'gray' if dated else 'green' if in_force else 'red'}-badge[{text}]")
    if meta.finality:
        found.append(f":{'green' if meta.finality == 'final' else 'orange'}-badge[{FINALITY[meta.finality]}]")
    found.append(f":{'green' if meta.text_status == 'official' else 'gray'}-badge[{TEXT_STATUS[meta.text_status]}]")
    if meta.evidence in EVIDENCE:
        found.append(f":orange-badge[{EVIDENCE[meta.evidence]}]")
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
