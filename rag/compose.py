"""Write an answer out of evidence, without a model: whole sentences, highest authority first, every one cited."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from rag.cite import Citations
from rag.conflicts import Dispute
from rag.evidence import Evidence
from rag.pinpoint import paragraph_label, units
from rag.types import Citation, DocumentMeta, Hit, Kind, Unit, Warning, values_of
from rag.understand import Query

SILENT = "来源未涉及"
NOTICE = "*本回答由人工智能依据所列来源自动生成，仅供参考，不构成法律意见。*"

_SOURCE_NOTE = re.compile(r"\s?\[\^?\d+\]")
_AUTHORITY = {kind: rank for rank, kind in enumerate(Kind)}
_GROUPS = ("法律规定", "裁判", "学理观点", "境外法（仅供比较）", "自有文档（不是法律依据）")
ASIDE = "另可参考（与问题的关联较弱）"
# Whose words a section of a judgment reports; the court's own need no lead.
_VOICES = {"原告主张": "原告主张", "被告抗辩": "被告抗辩"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the answer: a lead that says whose it is, the statement, and the numbers it cites.

    Sentences of one passage form a block, its items a list in it.
    """

    lead: str
    statement: str
    citations: tuple[int, ...]
    block: str
    is_item: bool = False

    @property
    def text(self) -> str:
        return self.lead + self.statement


Cell = tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Sources side by side: a column for each, a row for each thing they are compared by; an empty cell where a source is silent."""

    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    above: tuple[tuple[int, ...], ...] = ()
    """For each row of a table with one column, the numbers of what the answer has said of it already."""

    @property
    def sentences(self) -> list[Sentence]:
        return [sentence for _, cells in self.rows for cell in cells for sentence in cell]

    def without(self, removed: Collection[Sentence]) -> Table:
        rows = tuple(
            (name, tuple(tuple(s for s in cell if s not in removed) for cell in cells)) for name, cells in self.rows
        )
        return replace(self, rows=rows)

    def as_markdown(self) -> str:
        lines = [_row(self.corner, *self.columns), "|" + "---|" * (len(self.columns) + 1)]
        above = self.above or ((),) * len(self.rows)
        lines += [
            _row(f"**{name}**", *(_cell(cell, numbers) for cell in cells))
            for (name, cells), numbers in zip(self.rows, above, strict=True)
        ]
        return f"**{self.title}**\n\n" + "\n".join(lines)


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "｜").split()) for cell in cells) + " |"


def _cell(cell: Cell, above: Sequence[int] = ()) -> str:
    said = f"见上文{markers(above)}" if above else ""
    return said + "".join(sentence.text + markers(sentence.citations) for sentence in cell) or SILENT


@dataclass(slots=True)
class Draft:
    """An answer before verification; ``basis`` says which day's law it gives and which versions it rests on, ``body`` is what a language model
    wrote in place of groups, checked already."""

    body: str = ""
    groups: list[tuple[str, list[Sentence]]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    tables_first: bool = False
    basis: str = ""
    disputes: list[Dispute] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)

    @property
    def sentences(self) -> list[Sentence]:
        grouped = [sentence for _, sentences in self.groups for sentence in sentences]
        tabled = [sentence for table in self.tables for sentence in table.sentences]
        return [*tabled, *grouped] if self.tables_first else [*grouped, *tabled]

    def without(self, removed: Sequence[Sentence]) -> Draft:
        gone = set(removed)
        groups = [(name, [s for s in sentences if s not in gone]) for name, sentences in self.groups]
        tables = [table.without(gone) for table in self.tables]
        return replace(self, groups=[(name, sentences) for name, sentences in groups if sentences], tables=tables)


def compose(query: Query, evidence: Sequence[Evidence], citations: Citations) -> Draft:
    """Sentences grouped 法律规定 / 裁判 / 学理 / 境外法, in the order that the question asks for, and last what is only perhaps of use."""
    draft = Draft()
    core, aside = [e for e in evidence if not e.aside], [e for e in evidence if e.aside]
    for name in sorted({_group(item) for item in core}, key=lambda name: _group_order(name, query, core)):
        members = [item for item in core if _group(item) == name]
        draft.groups.append((name, _sentences_of_group(members, citations)))
    if aside:
        draft.groups.append((ASIDE, _sentences_of_group(aside, citations)))
    draft.warnings.extend(source_warnings(evidence))
    return draft


def render(draft: Draft) -> str:
    """Markdown: one paragraph or list per source, headings only where sources of several kinds speak."""
    parts: list[str] = [f"*{draft.basis}*"] if draft.basis else []
    if draft.body:
        parts.append(draft.body)
    parts.extend(dispute.as_table() for dispute in draft.disputes if dispute.is_list)
    if draft.tables_first:
        parts.extend(table.as_markdown() for table in draft.tables)
    with_headings = len(draft.groups) > 1
    for name, sentences in draft.groups:
        if with_headings:
            parts.append(f"**{name}**")
        for _, members in groupby(sentences, key=lambda sentence: sentence.block):
            parts.append(_render_block(list(members)))
    if not draft.tables_first:
        parts.extend(table.as_markdown() for table in draft.tables)
    parts.extend(dispute.as_table() for dispute in draft.disputes if not dispute.is_list)
    if draft.warnings:
        parts.append("\n>\n".join(f"> 提示：{warning.message}" for warning in draft.warnings))
    parts.append(NOTICE)
    return "\n\n".join(parts)


def markers(numbers: Sequence[int]) -> str:
    return "".join(f"[{n}]" for n in numbers)


def _render_block(sentences: list[Sentence]) -> str:
    lines: list[str] = []
    for sentence in sentences:
        gap = "\n\n" if _is_table(sentence.text.rsplit("\n", 1)[-1]) else ""
        text = sentence.text + gap + markers(sentence.citations)
        if sentence.is_item:
            lines.append(f"- {text}")
        elif lines and not lines[-1].startswith("- "):
            lines[-1] += text
        else:
            lines.append(text)
    return "\n".join(lines)


def _group(evidence: Evidence) -> str:
    meta = evidence.hit.document
    if meta.kind is Kind.OWN:
        return _GROUPS[4]
    if meta.jurisdiction != "CN":
        return _GROUPS[3]
    if meta.kind is Kind.PAPER:
        return _GROUPS[2]
    return _GROUPS[1] if meta.kind is Kind.JUDGMENT else _GROUPS[0]


def _group_order(name: str, query: Query, evidence: Sequence[Evidence]) -> tuple[int, int]:
    """What the question names comes first; then law, judgments, scholars, foreign law, the user's own documents."""
    named = {identifier for reference in query.references for identifier in reference.document_ids}
    is_named = any(item.hit.document.id in named for item in evidence if _group(item) == name)
    return (0 if is_named else 1, _GROUPS.index(name))


def _sentences_of_group(members: Sequence[Evidence], citations: Citations) -> list[Sentence]:
    """Documents by authority, then by their best sentence; inside a passage, reading order."""
    best: dict[str, float] = {}
    for item in members:
        best[item.hit.passage.id] = max(best.get(item.hit.passage.id, 0.0), item.score)

    def order(item: Evidence) -> tuple[int, float, str, int]:
        authority = _AUTHORITY[item.hit.document.kind]
        return (authority, -best[item.hit.passage.id], item.hit.passage.id, item.unit.start)

    sentences: list[Sentence] = []
    for _, group in groupby(sorted(members, key=order), key=lambda item: item.hit.passage.id):
        sentences.extend(_sentences_of_passage(list(group), citations))
    return sentences


def _sentences_of_passage(members: list[Evidence], citations: Citations) -> list[Sentence]:
    hit = members[0].hit
    if hit.passage.article:
        return _article_sentences(hit, [item.unit for item in members], citations)
    lead = _lead(hit.document, hit.passage.section)
    sentences = []
    for position, item in enumerate(members):
        number = citations.cite(hit, item.unit).n
        statement = readable(item.unit.text)
        opening = lead if position == 0 else ""
        # A table is Markdown only on lines of its own.
        sentences.append(Sentence(opening + "\n\n" * _is_table(statement), statement, (number,), hit.passage.id))
    return sentences


def readable(text: str) -> str:
    """A quote without its source's own note marks, [5] or [^3], which a reader would take for our citations."""
    return _SOURCE_NOTE.sub("", text)


def _is_table(text: str) -> bool:
    return text.startswith("|")


def _article_sentences(hit: Hit, chosen: list[Unit], citations: Citations) -> list[Sentence]:
    """An article's sentences, each 款 under its own label; items as a list under the sentence that introduces them."""
    sentences: list[Sentence] = []
    for _, group in groupby(chosen, key=lambda unit: unit.paragraph):
        members = list(group)
        stem = _stem_unit(hit, members[0])
        members = [stem, *members] if stem else members
        place = f"{hit.document.short_title}{hit.passage.article}{paragraph_label(hit.passage, members[0]) or ''}"
        for position, unit in enumerate(members):
            lead = f"{place}规定：" if position == 0 else ""
            number = citations.cite(hit, unit).n
            is_item = bool(position and unit.item_label)
            sentences.append(Sentence(lead, unit.text, (number,), hit.passage.id, is_item))
    return sentences


def _stem_unit(hit: Hit, item: Unit) -> Unit | None:
    """The sentence that introduces the list in which ``item`` stands; None for a unit that is no item."""
    if not item.item_label:
        return None
    for unit in units(hit.passage):
        if unit.item_label is None and unit.text == item.stem:
            return unit
    return None


def _lead(meta: DocumentMeta, section: str | None) -> str:
    if meta.kind is Kind.JUDGMENT:
        voice = _VOICES.get(section or "")
        source = f"{meta.court or ''}{meta.number or ''}（{meta.short_title}）" if meta.number else meta.short_title
        return f"{source}，{voice or section}：" if section else f"{source}："
    if meta.kind is Kind.PAPER:
        return f"论文（学术观点{'，第' + section + '节' if section and section[0].isdigit() else ''}）："
    return f"{meta.short_title}：" if section is None else f"{meta.short_title}（{section}）："


def basis_of(cited: Sequence[Citation], as_of: dt.date) -> str:
    """按 2026-11-22 施行的法律回答，依据：《著作权法》（2021-06-01 起施行）; judgments and foreign law are no such basis."""
    versions = dict.fromkeys(
        f"{short_title_of(c)}（{c.effective} 起{f'，{c.repealed} 失效' if c.repealed else ''}）"
        for c in cited
        if c.jurisdiction == "CN" and c.article and c.effective
    )
    shown = list(versions)[:_VERSIONS_SHOWN]
    more = f"等 {len(versions)} 部" if len(versions) > len(shown) else ""
    return f"按 {as_of} 施行的法律回答" + (f"，所据版本：{'、'.join(shown)}{more}" if shown else "") + "。"


def short_title_of(citation: Citation) -> str:
    return f"《{citation.title.removeprefix('中华人民共和国')}》"


_VERSIONS_SHOWN = 4


def source_warnings(evidence: Sequence[Evidence]) -> list[Warning]:
    """What has to be said of sentences that are used: errata, a single source, sources that disagree."""
    found: list[Warning] = []
    for item in evidence:
        meta, unit = item.hit.document, item.unit
        for erratum in meta.errata:
            if any(anchor in unit.text for anchor in erratum.anchors):
                found.append(
                    Warning(
                        kind="paper_erratum",
                        message=f"论文此处与公开记录不一致：{erratum.correction}",
                        code="paper_erratum",
                        values=values_of(what=erratum.correction),
                    )
                )
        if "单一来源" in unit.text:
            found.append(
                Warning(
                    kind="single_source",
                    message=f"“{unit.text[:24]}…”仅见于一个公开来源。",
                    code="single_source",
                    values=values_of(text=unit.text[:24]),
                )
            )
        if "来源不一" in unit.text:
            found.append(
                Warning(
                    kind="sources_disagree",
                    message=f"“{unit.text[:24]}…”各来源说法不一。",
                    code="sources_disagree",
                    values=values_of(text=unit.text[:24]),
                )
            )
    return list(dict.fromkeys(found))
