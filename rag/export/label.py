"""The two labels of an exported file: the one that readers see, and the one that its metadata carry.

《人工智能生成合成内容标识办法》 art. 4 and 5 ask for both where generated content is exported. GB 45438-2025, annex E, has the implicit one in a
metadata field whose name contains AIGC, with seven fields. That it stands in the Info dictionary of a PDF, in ``docProps/custom.xml`` of a
DOCX and in the front matter of a Markdown file is what public accounts of the practice guide TC260-PG-20258A say; neither text itself was at
hand, so nothing here claims conformity. A file carries it once, as § 6.1 of the standard asks.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Literal

from rag.types import Answer, Frozen

FIELD = "AIGC"
"""Name of the metadata field."""
VISIBLE = "【人工智能生成】本文件中的回答由人工智能依据所列来源自动生成。"
"""Stands at the beginning: 人工智能 (or AI) and 生成, both elements that a label in words must have."""
DISCLAIMER = (
    "以上回答由人工智能生成，仅供参考，不构成法律意见；摘要为本项目用自己的话所写，正式引用前请核对官方文本。"
    "转发或发布时请保留本标识并主动声明（《人工智能生成合成内容标识办法》第十条）。"
)
"""Stands at the end."""

_NAMESPACE = uuid.UUID("6b0f5a0e-0f53-5c5e-9d1c-45438a202509")


class ImplicitLabel(Frozen):
    """The seven fields of annex E, by the names and in the order that it gives them.

    ``Label`` "1": is generated. The producer is who offers the service (a name or a code), ``ProduceID`` the number of the content. Who
    spreads a file fills in the propagator's fields; those reserved stay empty.
    """

    Label: Literal["1"] = "1"
    ContentProducer: str
    ProduceID: str
    ReservedCode1: str = ""
    ContentPropagator: str = ""
    PropagateID: str = ""
    ReservedCode2: str = ""

    def as_json(self) -> str:
        """One line of JSON, the value of the field in DOCX and PDF."""
        return json.dumps(self.model_dump(), ensure_ascii=False, separators=(",", ":"))


def implicit_label(answers: Sequence[Answer], provider: str) -> ImplicitLabel:
    """The label of a file with these answers; the same answers have the same number, whatever the format and the day."""
    content = json.dumps([answer.model_dump(mode="json", exclude={"timings_ms"}) for answer in answers])
    digest = hashlib.sha256(content.encode()).hexdigest()
    return ImplicitLabel(ContentProducer=provider, ProduceID=str(uuid.uuid5(_NAMESPACE, digest)))
