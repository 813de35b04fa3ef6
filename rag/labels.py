"""The Chinese words for what the types say: kinds, places, finality, kinds of text."""

from __future__ import annotations

from rag.types import Finality, Kind, TextStatus

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
