"""Answers become a paper: questions, answers with footnotes, what is cited and in which version, when and from what it was made."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.bundle import product_version
from rag.export.blocks import Aside, Block, Grid, Heading, Line, Note, Paper, Paragraph, Source, Span, text
from rag.export.label import implicit_label
from rag.export.read_markdown import BRACKET, CLOSE, OPEN, Numbering, blocks_of
from rag.generate.marks import MARKS
from rag.labels import EVIDENCE, FINALITY, REFUSALS, TEXT_STATUS, authority, validity
from rag.text import printable
from rag.types import Answer, Citation, Conflict

_MARKER = re.compile(r"\[(\d{1,3})\](?!\()")
# What XML and PDF cannot hold, the private characters that stand for markers, and marks that turn the direction of writing.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ue000-\ue002\u202a-\u202e\u2066-\u2069]")


@dataclass(slots=True)
class _Notes:
    """Footnotes of a file, numbered in the order in which the text first uses them; the same citation keeps its number."""

    notes: list[Note] = field(default_factory=list)
    cited: dict[tuple[int, int], int] = field(default_factory=dict)

    def number(self, turn: int, citation: Citation) -> int:
        key = (turn, citation.n)
        if key not in self.cited:
            self.cited[key] = len(self.notes) + 1
            self.notes.append(_note(citation, self.cited[key]))
        return self.cited[key]


def paper_of(answers: Sequence[Answer], *, title: str, provider: str, created: dt.datetime) -> Paper:
    """``answers`` in the order in which they were given."""
    notes = _Notes()
    blocks: list[Block] = []
    for turn, answer in enumerate(answers):
        blocks.append(Heading(1, text(f"问：{one_line(answer.question)}")))
        blocks.extend(_refused(answer) if answer.refused else _answered(answer, turn, notes))
    return Paper(
        title=one_line(title),
        created=created,
        blocks=tuple(blocks),
        notes=tuple(notes.notes),
        sources=tuple(dict.fromkeys(_source(c) for answer in answers for c in answer.citations)),
        facts=_facts(answers, created),
        label=implicit_label(answers, one_line(provider)),
    )


def clean(content: str) -> str:
    """Text that every format can hold."""
    return _UNWRITABLE.sub("", printable(content))


def one_line(content: str) -> str:
    return " ".join(clean(content).split())


def _answered(answer: Answer, turn: int, notes: _Notes) -> list[Block]:
    citations = {citation.n: citation for citation in answer.citations}

    def numbering(n: int) -> int:
        return notes.number(turn, citations[n])

    markdown, lost = _marked(answer, frozenset(citations))
    blocks = blocks_of(markdown, numbering)
    for said, mark, numbers in lost:
        blocks.append(Paragraph((Span(f"{said}{mark}"), *(Span(note=numbering(n)) for n in numbers))))
    for conflict in answer.conflicts:
        if conflict.question not in answer.answer:
            blocks.extend(_conflict(conflict, numbering, citations))
    blocks.extend(
        Aside(text(f"提示：{one_line(w.message)}")) for w in answer.warnings if w.message not in answer.answer
    )
    unused = [citation.n for citation in answer.citations if (turn, citation.n) not in notes.cited]
    if unused:
        blocks.append(Paragraph((Span("另据："), *(Span(note=numbering(n)) for n in unused))))
    return blocks


def _marked(answer: Answer, known: frozenset[int]) -> tuple[str, list[tuple[str, str, list[int]]]]:
    """The answer's Markdown with its markers told from a source's own [1], and a mark behind what its sources do not fully carry.

    Returns with it the claims in need of a mark that stand nowhere in the text: (claim, mark, citations).
    """
    markdown, lost = clean(answer.answer), []
    for claim in answer.claims:
        said = clean(claim.text)
        guarded = said.replace("[", BRACKET)
        markdown = markdown.replace(said, guarded) if said else markdown
        mark = MARKS[claim.support]
        found = re.search(re.escape(guarded) + r"(?:\[\d+\])*", markdown) if mark and said else None
        if found and not markdown.startswith(mark, found.end()):
            markdown = f"{markdown[: found.end()]}{mark}{markdown[found.end() :]}"
        elif mark and not found:
            lost.append((one_line(claim.text), mark, [n for n in claim.citations if n in known]))
    return _MARKER.sub(lambda m: f"{OPEN}{m[1]}{CLOSE}" if int(m[1]) in known else BRACKET + m[0][1:], markdown), lost


def _conflict(conflict: Conflict, numbering: Numbering, citations: dict[int, Citation]) -> list[Block]:
    def cell(position: str, numbers: Sequence[int]) -> Line:
        return (Span(one_line(position)), *(Span(note=numbering(n)) for n in numbers if n in citations))

    head = tuple(text(f"立场{number}") for number in range(1, len(conflict.sides) + 1))
    sides = tuple(cell(side.position, side.citations) for side in conflict.sides)
    return [Heading(2, text(f"裁判不一：{one_line(conflict.question)}")), Grid((head, sides))]


def _refused(answer: Answer) -> list[Block]:
    refusal = answer.refusal
    blocks: list[Block] = [
        Paragraph(text(f"没有回答：{REFUSALS[refusal.reason]}。" if refusal else "没有回答。", bold=True)),
        Paragraph(text(one_line(refusal.message if refusal else answer.answer))),
    ]
    if refusal and refusal.missing:
        blocks.append(Paragraph(text(f"缺少：{one_line('、'.join(refusal.missing))}")))
    return blocks


def _note(citation: Citation, number: int) -> Note:
    kind = f"{authority(citation.kind, citation.jurisdiction)}·{TEXT_STATUS[citation.text_status]}"
    parts = (kind, _version(citation), EVIDENCE.get(citation.evidence, ""))
    return Note(
        number=number,
        label=one_line(citation.label),
        quote=one_line(citation.quote),
        about="，".join(part for part in parts if part),
        place=one_line(f"{citation.passage_id}，第 {citation.start}—{citation.end} 字符"),
        url=_link(citation.url),
    )


def _version(citation: Citation) -> str:
    valid = validity(citation.kind, citation.effective, citation.repealed, citation.in_force)
    return "，".join(part for part in (valid, FINALITY[citation.finality] if citation.finality else "") if part)


def _source(citation: Citation) -> Source:
    number = f"（{citation.number}）" if citation.number and citation.number not in citation.title else ""
    title = citation.title if "《" in citation.title else f"《{citation.title}》"
    kind = f"{authority(citation.kind, citation.jurisdiction)}，{TEXT_STATUS[citation.text_status]}"
    version = "；".join(part for part in (kind, _version(citation)) if part)
    return Source(one_line(title + number), version, _link(citation.url))


def _link(url: str | None) -> str | None:
    """The address of an ordinary page; what else a document may have put there is no link."""
    return url if url and re.fullmatch(r"https?://[^\s<>\"'\\^`{|}]+", url) else None


def _facts(answers: Sequence[Answer], created: dt.datetime) -> tuple[str, ...]:
    prints = dict.fromkeys(answer.fingerprints for answer in answers)
    modes = dict.fromkeys(
        f"语言模型 {one_line(answer.model.name)} 作答" if answer.mode == "model" and answer.model else "由来源原句组成"
        for answer in answers
    )
    return (
        f"导出时间：{created.isoformat(sep=' ', timespec='minutes')}",
        f"适用法律的日期：{'、'.join(dict.fromkeys(str(answer.as_of) for answer in answers))}",
        f"作答方式：{'、'.join(modes)}（aigc-law-qa {product_version()}）",
        *(f"语料 {one.corpus}，索引 {one.index}，设置 {one.settings}" for one in prints),
    )
