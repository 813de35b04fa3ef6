"""From a model's checked reply to what is shown: the body, the claims, and what the reader is told about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.cite import Citations
from rag.generate.check import Checked
from rag.generate.reply import Reply
from rag.types import Claim, Warning, values_of


@dataclass(frozen=True, slots=True)
class Body:
    """The text with marks, its claims, and the sentences left out."""

    text: str
    claims: tuple[Claim, ...]
    removed: tuple[Checked, ...]


def is_dropped(sentence: Checked, strictness: str) -> bool:
    """Whether a sentence is left out: what no source carries at all, where that is wanted."""
    if sentence.judgement is None:
        return sentence.is_refusal
    return strictness == "drop" and sentence.judgement.weighed.support in ("unsupported", "contradicted")


def body(sentences: Sequence[Checked], citations: Citations, strictness: str) -> Body:
    parts, claims, removed = [], [], []
    for sentence in sentences:
        if is_dropped(sentence, strictness):
            removed.append(sentence)
            continue
        text, claim = sentence.shown(citations)
        parts.append(text)
        if claim:
            claims.append(claim)
    return Body("".join(parts).strip(), tuple(claims), tuple(s for s in removed if s.judgement))


def core_fails(reply: Reply) -> bool:
    """Whether the core of an answer is not carried: its first statement, or most of the others."""
    claims = reply.claims
    if not claims:
        return True
    failing = [claim for claim in claims if claim.judgement and claim.judgement.weighed.support != "supported"]
    first = claims[0].judgement
    bad_first = first is not None and first.weighed.support in ("unsupported", "contradicted")
    return bad_first or 2 * len(failing) > len(claims)


def warnings_of(reply: Reply, written: Body) -> list[Warning]:
    """What the reader is told of a model's text, counted."""
    marked = sum(claim.support != "supported" for claim in written.claims)
    mended = sum(bool(s.judgement and s.judgement.mended) for s in reply.sentences if s not in written.removed)
    idle = sum(s.judgement.idle for s in reply.sentences if s.judgement)
    unknown = sum(sentence.unknown for sentence in reply.sentences)
    told = (
        (marked, "model_unsupported", f"语言模型有 {marked} 句没有得到来源的完全支持，已在文中标明。"),
        (len(written.removed), "removed", f"语言模型有 {len(written.removed)} 句没有来源支持，已删除。"),
        (mended, "citation_mended", f"有 {mended} 句标错了来源，已改为真正支持它的来源。"),
        (idle, "citation_dropped", f"有 {idle} 处来源与所标的句子无关，已略去。"),
        (unknown, "unknown_key", f"语言模型写了 {unknown} 个不存在的来源编号，已略去。"),
        (reply.cut_short, "model_cut_short", "语言模型的回答过长，末尾被截断。"),
    )
    return [
        Warning(
            kind=kind,
            message=message,
            code="model_removed" if kind == "removed" else kind,
            values=values_of(n=int(count)),
        )
        for count, kind, message in told
        if count
    ]
