"""The request to a chat model: rules, passages fenced as data with their keys, the question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from rag.cite import label
from rag.english import is_english
from rag.generate import prompts
from rag.labels import FINALITY, JURISDICTIONS, KINDS, TEXT_STATUS
from rag.types import DocumentMeta, Hit, Kind


@dataclass(frozen=True, slots=True)
class Message:
    """What is said to or by a model; ``role``: system, user, assistant."""

    role: str
    content: str


def request(question: str, as_of: dt.date, passages: Mapping[str, Hit]) -> list[Message]:
    """The messages that ask for an answer from ``passages``, by key; in English for a question in English."""
    english = is_english(question)
    given = "\n".join(_passage(key, hit, as_of) for key, hit in passages.items())
    template = prompts.QUESTION_EN if english else prompts.QUESTION
    asked = template.format(passages=given, as_of=as_of, question=fenced(question))
    return [Message("system", prompts.RULES_EN if english else prompts.RULES), Message("user", asked)]


def fenced(text: str) -> str:
    """Text that can open or close no tag."""
    return text.replace("<", "＜").replace(">", "＞")


def _passage(key: str, hit: Hit, as_of: dt.date) -> str:
    meta, passage = hit.document, hit.passage
    source = label(meta, passage.article, None, None, passage.section)
    said = (
        f'<passage key="{key}" source="{_quoted(source)}" authority="{_authority(meta)}" '
        f'validity="{_validity(meta, as_of)}" text="{TEXT_STATUS[meta.text_status]}">'
    )
    return f"{said}\n{fenced(passage.text)}\n</passage>"


def _quoted(text: str) -> str:
    return fenced(text).replace('"', "”")


def _authority(meta: DocumentMeta) -> str:
    if meta.kind is Kind.OWN:
        return f"{KINDS[meta.kind]}，使用者提供，不是法律依据"
    if meta.jurisdiction != "CN":
        return f"境外（{JURISDICTIONS.get(meta.jurisdiction, meta.jurisdiction)}），仅供比较"
    voice = "，一家之言" if meta.kind is Kind.PAPER else ""
    return KINDS[meta.kind] + voice


def _validity(meta: DocumentMeta, as_of: dt.date) -> str:
    if meta.kind is Kind.JUDGMENT:
        decided = f"{meta.decided} 判决" if meta.decided else "判决日期不明"
        court = f"{_quoted(meta.court)}，" if meta.court else ""
        return court + decided + (f"，{FINALITY[meta.finality]}" if meta.finality else "")
    since = f"{meta.valid_from} 起" if meta.valid_from else "日期不明"
    until = f"，{meta.repealed} 失效" if meta.repealed else ""
    return since + until + ("" if meta.in_force(as_of) else f"，{as_of} 不施行")
