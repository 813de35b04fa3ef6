"""The scope card as a page, ``corpus/SCOPE.md``: generated from the corpus, so that it cannot say more than the corpus holds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ingest.layers import layered
from ingest.official import FOLDER
from ingest.sources import Summary, collect
from rag.card import DocumentScope, KindScope, ScopeCard, card_of
from rag.errors import InvalidInput
from rag.labels import FINALITY, JURISDICTIONS, KINDS, TEXT_STATUS
from rag.types import Kind

PAGE = "SCOPE.md"


def card_of_files(folder: Path) -> ScopeCard:
    """The card of what ``folder`` ships: its documents without the official texts that a user has put beside them.

    Raises:
        InvalidInput: the folder does not exist, or a file in it is refused.
    """
    if not folder.is_dir():
        raise InvalidInput(f"文件夹不存在：{folder}。", next_step="检查路径；不带参数时读取 corpus/。")
    official = (folder / FOLDER).resolve()
    summary = Summary()
    sources = collect([folder], {}, summary)
    if summary.refused:
        first = summary.refused[0]
        raise InvalidInput(
            f"有 {len(summary.refused)} 个文件不能读取：{first.path}。",
            why=first.reason,
            next_step="运行 python -m ingest check。",
        )
    return card_of(
        (entry.document.meta, entry.passages)
        for entry in layered(source for source in sources.values() if Path(source.path).parent != official)
    )


def page_of(card: ScopeCard) -> str:
    """The card in Markdown."""
    return "\n".join(
        (
            "# 收录范围",
            "",
            "<!-- 由 python -m ingest scope --write 生成，不要手改。 -->",
            "",
            f"{card.documents} 份文档：{card.articles} 条条文、{card.sections} 个章节段落，{card.lay_questions} 条问法，{card.relations} 条关系。",
            "摘要是本项目自己的表述；引用时注明是摘要还是官方文本。境外法只作比较。",
            "",
            "## 按种类",
            "",
            "| 种类 | 地域 | 文档 | 段落 | 时间 | 两个以上来源 | 单一来源 | 官方文本 | 最早一次核对 |",
            "|---|---|--:|--:|---|--:|--:|--:|---|",
            *(_kind_row(kind) for kind in card.kinds),
            "",
            "## 法规与文件",
            "",
            "| 名称 | 文号 | 施行 | 失效 | 收录 | 文本 | 依据 | 核对 |",
            "|---|---|---|---|---|---|---|---|",
            *(_instrument_row(d) for d in card.contents if d.kind not in (Kind.JUDGMENT, Kind.PAPER)),
            "",
            "## 裁判",
            "",
            "| 名称 | 地域 | 案号 | 裁判日期 | 效力 | 依据 | 核对 |",
            "|---|---|---|---|---|---|---|",
            *(_judgment_row(d) for d in card.contents if d.kind is Kind.JUDGMENT),
            "",
            "## 已知的缺口",
            "",
            *(f"- {gap}" for gap in card.gaps),
            "",
        )
    )


def _kind_row(kind: KindScope) -> str:
    span = f"{kind.earliest or '不详'} 至 {kind.latest or '不详'}"
    cells = (KINDS[kind.kind], _place(kind.jurisdiction), kind.documents, kind.passages, span)
    return _row(*cells, kind.verified, kind.single_source, kind.official, _day(kind.checked))


def _instrument_row(document: DocumentScope) -> str:
    given = f"{document.articles}/{document.of_articles} 条" if document.of_articles else f"{document.articles} 段"
    cells = (document.name, document.number or "", _day(document.since), _day(document.until), given)
    return _row(*cells, TEXT_STATUS[document.text_status], _evidence(document), _day(document.checked))


def _judgment_row(document: DocumentScope) -> str:
    cells = (document.name, _place(document.jurisdiction), document.number or "", _day(document.since))
    return _row(
        *cells, FINALITY[document.finality] if document.finality else "", _evidence(document), _day(document.checked)
    )


def _evidence(document: DocumentScope) -> str:
    return {"verified": "两个以上来源或官方文本", "single_source": "单一来源"}.get(document.evidence, "未核实")


def _place(jurisdiction: str) -> str:
    return JURISDICTIONS.get(jurisdiction, jurisdiction)


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _row(*cells: object) -> str:
    return "| " + " | ".join(" ".join(str(cell).replace("|", "｜").split()) for cell in cells) + " |"
