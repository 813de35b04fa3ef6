"""How an answer came about: what was understood, what was found, what was used, what was left out and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.evidence import Evidence
from rag.retrieve import Retrieved
from rag.types import Answer, Frozen
from rag.understand import Query
from rag.verify import Removed


class NamedSource(Frozen):
    """A source that the question names, with the versions that it may mean."""

    name: str | None
    document_ids: tuple[str, ...]
    article: str | None = None
    paragraph: int | None = None
    item: int | None = None
    docket: str | None = None


class Understood(Frozen):
    """The question as it was read."""

    text: str
    focus: str
    ask: str
    as_of: dt.date
    as_of_given: bool
    references: tuple[NamedSource, ...]
    carried_over: bool
    absent: tuple[str, ...]
    sections: tuple[str, ...]
    parts: tuple[str, ...]
    respelt: tuple[tuple[str, str], ...]


class FoundPassage(Frozen):
    """A retrieved passage; ``parts`` are what its score is made of, ``used`` the sentences of it that were chosen."""

    rank: int
    passage_id: str
    score: float
    parts: dict[str, float]
    used: int
    why_not: str | None = None


class ChosenSentence(Frozen):
    """A sentence taken for the answer, and how likely it answers the question (above 1: looked up by name)."""

    passage_id: str
    start: int
    end: int
    score: float


class LeftOut(Frozen):
    """A sentence that verification removed."""

    text: str
    why: str


class Trace(Frozen):
    """Everything that an answer can say of itself; ``in_scope`` is the gate's probability, None where the question names a source or nothing was
    found."""

    understood: Understood
    found: tuple[FoundPassage, ...]
    chosen: tuple[ChosenSentence, ...]
    removed: tuple[LeftOut, ...]
    in_scope: float | None
    scope_threshold: float
    embedder: str


@dataclass(slots=True)
class Recorder:
    """What an answer leaves behind on its way, for those who want to see it."""

    query: Query | None = None
    found: Retrieved | None = None
    in_scope: float | None = None
    evidence: Sequence[Evidence] = field(default_factory=list)
    removed: Sequence[Removed] = field(default_factory=list)

    def trace(self, answer: Answer, threshold: float, embedder: str) -> Trace:
        query, found = self.query, self.found
        assert query is not None
        assert found is not None
        chosen = [e.hit.passage.id for e in self.evidence]
        cited = {citation.passage_id for citation in answer.citations}
        passages = tuple(
            FoundPassage(
                rank=rank,
                passage_id=hit.passage.id,
                score=round(hit.score, 4),
                parts={name: round(float(value), 4) for name, value in hit.parts.items()},
                used=chosen.count(hit.passage.id),
                why_not=_why_not(hit.passage.id, chosen, cited, answer),
            )
            for rank, hit in enumerate(found.hits, 1)
        )
        return Trace(
            understood=_understood(query),
            found=passages,
            chosen=tuple(
                ChosenSentence(passage_id=e.hit.passage.id, start=e.unit.start, end=e.unit.end, score=round(e.score, 4))
                for e in self.evidence
            ),
            removed=tuple(LeftOut(text=removed.text, why=removed.why) for removed in self.removed),
            in_scope=None if self.in_scope is None else round(self.in_scope, 4),
            scope_threshold=threshold,
            embedder=embedder,
        )


def _why_not(passage: str, chosen: Sequence[str], cited: set[str], answer: Answer) -> str | None:
    if passage in chosen or passage in cited:
        return None
    return "拒绝回答，未选句" if answer.refused else "没有句子比已选的更能回答问题，或者与已选的重复"


def _understood(query: Query) -> Understood:
    return Understood(
        text=query.text,
        focus=query.focus,
        ask=query.ask.value,
        as_of=query.as_of,
        as_of_given=query.as_of_given,
        references=tuple(
            NamedSource(
                name=r.name,
                document_ids=r.document_ids,
                article=r.article,
                paragraph=r.paragraph,
                item=r.item,
                docket=r.docket,
            )
            for r in query.references
        ),
        carried_over=query.carried_over,
        absent=query.absent,
        sections=query.sections,
        parts=query.parts,
        respelt=tuple((change.written, change.name) for change in query.respelt),
    )


def as_text(trace: Trace, answer: Answer) -> str:
    """The trace for people."""
    u = trace.understood
    lines = [
        "说明",
        f"  理解为：{u.text}（类型 {u.ask}，{'指定' if u.as_of_given else '默认'}日期 {u.as_of}{'，承接上文' if u.carried_over else ''}）",
    ]
    for r in u.references:
        lines.append(f"  指名：{r.name or ''}{r.article or ''} → {'、'.join(r.document_ids) or '语料中没有'}")
    lines += [f"  改字：{written} → {name}" for written, name in u.respelt]
    if trace.in_scope is not None:
        lines.append(f"  属于范围的概率：{trace.in_scope:.3f}（门槛 {trace.scope_threshold}）")
    lines.append("  检索到：")
    for hit in trace.found:
        parts = " ".join(f"{name}={value:g}" for name, value in hit.parts.items() if name != "score")
        end = f"选 {hit.used} 句" if hit.used else (hit.why_not or "用于对照表")
        lines.append(f"  {hit.rank:>3}. {hit.score:.3f} {hit.passage_id}  [{parts}]  {end}")
    lines += [f"  删去：{removed.text}（{removed.why}）" for removed in trace.removed]
    t, f = answer.timings_ms, answer.fingerprints
    lines.append(
        f"  用时（毫秒）：理解 {t.understand}，检索 {t.retrieve}，作答 {t.answer}，核对 {t.verify}，共 {t.total}"
    )
    lines.append(f"  指纹：语料 {f.corpus}，索引 {f.index}，设置 {f.settings}；向量模型 {trace.embedder}")
    return "\n".join(lines)
