"""A trace for people: the explanation that follows an answer in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rag.evidence import WhyNot
from rag.trace import DaySource, FoundPassage, Generation, NamedSource, Trace
from rag.understand import Ask

_ASKS: dict[Ask, str] = {
    Ask.ARTICLE_TEXT: "条文内容",
    Ask.AMOUNT: "数额",
    Ask.TIME: "时间",
    Ask.DEFINITION: "定义",
    Ask.LIABILITY: "责任",
    Ask.COMPARISON: "比较",
    Ask.CHANGE: "修改前后",
    Ask.PROCEDURE: "怎么办",
    Ask.LIST: "列举",
    Ask.PAPER: "论文观点",
    Ask.GENERAL: "一般",
}
_DAYS: dict[DaySource, str] = {"given": "指定", "question": "问题里提到", "today": "今天"}
_WHY_NOT: dict[WhyNot, str] = {
    "refused": "未作答，没有选句",
    "ranked_low": "排名靠后，只供对照表选用",
    "not_asked": "问题指名的来源已足够",
    "other_section": "判决的这一部分不是所问",
    "below_threshold": "最好的一句也远不如已选的",
    "no_sentence_chosen": "已有更好的或意思相同的句子",
}
_PARTS = {
    "dense": "向量",
    "lexical": "词面",
    "fused": "合计",
    "named": "指名",
    "referred": "被指名条文引用",
    "exact": "直接定位",
    "rerank": "重排",
}


def as_text(trace: Trace) -> str:
    """Sections with a title each, two spaces in."""
    sections = (
        ("理解", _understood(trace)),
        ("检索", _found(trace)),
        ("取舍", _chosen(trace)),
        ("依据", _made_with(trace)),
        *([("语言模型", _generated(trace.generation))] if trace.generation else []),
    )
    return "\n".join(
        ["说明", *(f"  {title}\n" + "\n".join(f"    {line}" for line in lines) for title, lines in sections)]
    )


def _understood(trace: Trace) -> Iterator[str]:
    u = trace.understood
    yield f"检索用的问题：{u.text}"
    if u.focus != u.text:
        yield f"去掉来源名称：{u.focus}"
    yield f"问题类型：{_ASKS[u.ask]}；按 {u.as_of} 施行的法律（{_DAYS[u.as_of_from]}）"
    if u.carried_over:
        yield "承接上文补全"
    if u.incomplete:
        yield "所指不明：前面没有可承接的内容"
    yield from (f"改字：{written} → {name}" for written, name in u.respelt)
    yield from (f"指名：{_name(r)} → {'、'.join(r.document_ids) or '语料中没有'}" for r in u.references)
    for label, values in (("语料中没有", u.absent), ("问及判决的", u.sections), ("分别问的", u.parts)):
        if values:
            yield f"{label}：{' / '.join(values)}"


def _name(source: NamedSource) -> str:
    place = source.article or ""
    place += f"第{source.paragraph}款" if source.paragraph else ""
    place += f"第（{source.item}）项" if source.item else ""
    return f"{source.name or source.docket or ''}{place}"


def _found(trace: Trace) -> Iterator[str]:
    if trace.in_scope is not None:
        yield f"属于范围的概率 {trace.in_scope:.3f}（至少 {trace.scope_threshold:g}）"
    if not trace.found:
        yield "没有找到段落"
    for passage in trace.found:
        yield f"{passage.rank:>2}. {passage.score:.3f}  {passage.passage_id}  {_fate(passage)}"
        yield "      " + "，".join(f"{_PARTS.get(name, name)} {value:g}" for name, value in passage.parts.items())


def _fate(passage: FoundPassage) -> str:
    if passage.why_not is None:
        return f"✓ 选 {passage.used} 句"
    best = "" if passage.best is None else f"（{passage.best:.3f}）"
    return f"— {_WHY_NOT[passage.why_not]}{best}"


def _chosen(trace: Trace) -> Iterator[str]:
    found = {passage.passage_id for passage in trace.found}
    for sentence in trace.chosen:
        score = "随附" if sentence.score is None else f"{sentence.score:.3f}"
        beside = "" if sentence.passage_id in found or sentence.score is None else "  所选句子依据的条文"
        yield f"✓ {score}  {sentence.passage_id} {sentence.start}–{sentence.end}{beside}"
    yield from (f"✗ 删去：{left.text}（{left.why}）" for left in trace.removed)
    if not trace.chosen and not trace.removed:
        yield "没有选句"


def _generated(generation: Generation) -> Iterator[str]:
    if generation.completed:
        yield f"追问补全为：{generation.completed}"
    if generation.failure:
        yield generation.failure
    yield f"给了 {len(generation.keys)} 个段落，回答 {len(generation.replies)} 次"
    for sentence in generation.sentences:
        mended = "，出处已更正" if sentence.mended else ""
        why = f"（{sentence.why}）" if sentence.why else ""
        yield f"{'✓' if sentence.support == 'supported' else '✗'} {sentence.score:.2f}{mended}  {sentence.text}{why}"


def _made_with(trace: Trace) -> Iterator[str]:
    t, f, m = trace.timings_ms, trace.fingerprints, trace.models
    yield f"用时（毫秒）：理解 {t.understand:g}，检索 {t.retrieve:g}，作答 {t.answer:g}，核对 {t.verify:g}，共 {t.total:g}"
    yield f"指纹：语料 {f.corpus}，索引 {f.index}，设置 {f.settings}"
    yield f"模型：向量 {m.embedder}（{m.embedder_fingerprint}），重排 {m.reranker or '无'}，范围 {m.scope or '无'}，选句 {m.sentences}，核对 {m.support}{f'、{m.nli}' if m.nli else ''}"
