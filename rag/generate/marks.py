"""How a sentence that its sources do not fully carry is shown."""

from __future__ import annotations

from rag.types import SupportLabel

MARKS: dict[SupportLabel, str] = {
    "supported": "",
    "partial": "〔来源只支持一部分〕",
    "unsupported": "〔来源不支持〕",
    "contradicted": "〔与来源矛盾〕",
}
MENDED = "〔出处已更正〕"
"""Stands behind a sentence whose source was put right: the model had named another."""
REWRITTEN = "\n\n---\n\n*以上有句子未通过核对，改写如下，以此为准：*\n\n"
RESTARTED = "\n\n---\n\n*连接中断，重新作答：*\n\n"
REPLACED = "\n\n---\n\n*以下为准：*\n\n"
"""Between what was streamed and what holds instead of it."""
