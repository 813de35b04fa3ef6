"""One call for every format."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.errors import InvalidInput
from rag.export.blocks import Paper
from rag.export.docx import docx_file
from rag.export.markdown import markdown_file
from rag.export.paper import one_line, paper_of
from rag.export.pdf import pdf_file
from rag.types import Answer

Format = Literal["markdown", "docx", "pdf"]
PROVIDER = "aigc-law-qa"
"""Who offers the service, where the operator has not said so (``AIGC_LAW_PROVIDER``)."""
TITLE = "AI 生成内容法律问答"
_MAX_NAME = 40


@dataclass(frozen=True, slots=True)
class FileType:
    name: str
    suffix: str
    mime: str


FILE_TYPES: dict[Format, FileType] = {
    "markdown": FileType("Markdown", ".md", "text/markdown"),
    "docx": FileType("Word", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": FileType("PDF", ".pdf", "application/pdf"),
}
_WRITERS: dict[Format, Callable[[Paper], bytes]] = {"markdown": markdown_file, "docx": docx_file, "pdf": pdf_file}


def export(
    answers: Sequence[Answer],
    form: Format,
    *,
    title: str = TITLE,
    provider: str = PROVIDER,
    created: dt.datetime | None = None,
) -> bytes:
    """A file with these answers, one or a whole conversation, oldest first.

    Footnotes are numbered anew in reading order. DOCX has real footnotes, Markdown ``[^1]``, PDF notes at the end that the numbers link to.

    Args:
        provider: name or code of who offers the service, for the implicit label.
        created: with its zone; now, when None.

    Raises:
        InvalidInput: no answers, or the packages of the ``ui`` extra are missing.
    """
    if not answers:
        raise InvalidInput(
            "没有可以导出的回答。",
            why="对话里还没有回答",
            next_step="先提一个问题，得到回答后再导出。",
            code="nothing_to_export",
        )
    paper = paper_of(
        answers,
        title=one_line(title) or TITLE,
        provider=one_line(provider) or PROVIDER,
        created=created or dt.datetime.now().astimezone(),
    )
    try:
        return _WRITERS[form](paper)
    except ModuleNotFoundError as error:
        raise InvalidInput(
            f"不能导出 {FILE_TYPES[form].name} 文件。",
            why=f"没有安装 {error.name}",
            next_step="运行：pip install 'aigc-law-qa[ui]'",
            code="export_needs_package",
            form=FILE_TYPES[form].name,
            package=error.name,
        ) from error


def file_name(title: str, form: Format) -> str:
    """A name that every file system takes: 用AI画的图有著作权吗.docx."""
    name = re.sub(r"[^\w\u4e00-\u9fff（）()-]+", "", one_line(title).replace(" ", "-"))[:_MAX_NAME].strip("-")
    return f"{name or 'answer'}{FILE_TYPES[form].suffix}"
