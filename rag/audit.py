"""Whether an earlier answer still stands: its bundle against the index at hand, text by text, version by version, claim by claim."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from rag.bundle import AuditBundle, digest
from rag.catalog import Catalog
from rag.cite import citation as cite
from rag.compose import readable
from rag.generate.judge import weigh
from rag.generate.sources import Source
from rag.names import Names
from rag.pinpoint import units
from rag.support import support
from rag.support.nli import Nli
from rag.types import Citation, Claim, DocumentMeta, Fingerprints, Frozen, Hit, SupportLabel
from rag.understand import Ask
from rag.verify import is_verbatim, unreal_references

CheckKind = Literal["document", "quote", "place", "in_force", "text", "reference", "support"]
KINDS: dict[CheckKind, str] = {
    "document": "所引文件的文本未变",
    "quote": "引文逐字在所标位置",
    "place": "条款项、标题、案号与来源一致",
    "in_force": "所引版本当日施行",
    "text": "正文由这些论断和引文组成",
    "reference": "论断所提条文、案号见于所引来源",
    "support": "来源对论断的支持不弱于当时",
}
_SUPPORT: tuple[SupportLabel, ...] = ("contradicted", "unsupported", "partial", "supported")
_SUPPORT_NAMES: dict[SupportLabel, str] = {
    "contradicted": "相反",
    "unsupported": "不支持",
    "partial": "部分支持",
    "supported": "支持",
}
_PLACE = ("title", "number", "article", "paragraph", "item", "section", "label")
_LEAD = re.compile(r"(?:[^。；！？]*：)?\s*")
"""A lead names a source and states nothing; what a bundle calls a lead and is none is judged with the claim."""
_MARKER = re.compile(r"\[([1-9]\d{0,2})\]")


class Check(Frozen):
    """One thing checked: on what, whether it holds, and what differs."""

    kind: CheckKind
    what: str
    holds: bool
    detail: str = ""


class FingerprintPair(Frozen):
    """A fingerprint as recorded and as it is now: information, not failure."""

    name: Literal["corpus", "index", "settings", "embedder"]
    was: str
    now: str

    @property
    def same(self) -> bool:
        return self.was == self.now


class AuditReport(Frozen):
    """All checks, in the order of ``KINDS``; ``holds`` where every one does."""

    question: str
    holds: bool
    checks: tuple[Check, ...]
    fingerprints: tuple[FingerprintPair, ...]


def audit(
    bundle: AuditBundle,
    catalog: Catalog,
    names: Names,
    fingerprints: Fingerprints,
    embedder: str,
    nli: Nli | None = None,
) -> AuditReport:
    """Check a bundle against an index, of which ``fingerprints`` and the fingerprint of the ``embedder`` are given; ``nli`` has a say in claims."""
    checks = (
        *_documents(bundle, catalog),
        *_quotes(bundle, catalog),
        *_places(bundle, catalog),
        *_versions(bundle, catalog),
        *_text(bundle),
        *_references(bundle, names),
        *_supports(bundle, catalog, names, nli),
    )
    was = bundle.answer.fingerprints
    return AuditReport(
        question=bundle.question,
        holds=all(check.holds for check in checks),
        checks=checks,
        fingerprints=(
            FingerprintPair(name="corpus", was=was.corpus, now=fingerprints.corpus),
            FingerprintPair(name="index", was=was.index, now=fingerprints.index),
            FingerprintPair(name="settings", was=was.settings, now=fingerprints.settings),
            FingerprintPair(name="embedder", was=bundle.trace.models.embedder_fingerprint, now=embedder),
        ),
    )


def _check(kind: CheckKind, what: str, problem: str) -> Check:
    return Check(kind=kind, what=what, holds=not problem, detail=problem)


def _documents(bundle: AuditBundle, catalog: Catalog) -> Iterator[Check]:
    recorded = {document.id: document for document in bundle.documents}
    cited = {citation.document_id: citation.title for citation in bundle.answer.citations}
    for identifier in dict.fromkeys([*cited, *recorded]):
        document = catalog.document(identifier)
        if document is None:
            problem = "索引里没有这份文件"
        elif identifier not in recorded:
            problem = "核查包没有记录它当时的文本"
        else:
            problem = "" if digest(document) == recorded[identifier].sha256 else "文本与当时不同"
        title = recorded[identifier].title if identifier in recorded else cited[identifier]
        yield _check("document", f"{title}（{identifier}）", problem)


def _quotes(bundle: AuditBundle, catalog: Catalog) -> Iterator[Check]:
    for citation in bundle.answer.citations:
        real = bool(citation.quote) and citation.start >= 0 and is_verbatim(citation, catalog)
        problem = "" if real else f"{citation.document_id} 的 {citation.start}–{citation.end} 处不是这段引文"
        yield _check("quote", _named(citation), problem)


def _places(bundle: AuditBundle, catalog: Catalog) -> Iterator[Check]:
    """What a citation says of its place, against the citation that the stored passage gives today."""
    for citation in bundle.answer.citations:
        meta, passage = catalog.metas.get(citation.document_id), catalog.passage(citation.passage_id)
        if meta is None or passage is None or passage.document_id != meta.id:
            yield _check("place", _named(citation), f"索引里没有段落 {citation.passage_id}")
            continue
        unit = next((u for u in units(passage) if (u.start, u.end) == (citation.start, citation.end)), None)
        if unit is None:
            yield _check(
                "place", _named(citation), f"段落 {passage.id} 的 {citation.start}–{citation.end} 处没有这一句"
            )
            continue
        now = cite(Hit(passage, meta, 0.0), unit, citation.n, bundle.answer.as_of)
        differing = [
            f"{name} 记作 {getattr(citation, name) or '无'}，应为 {getattr(now, name) or '无'}"
            for name in _PLACE
            if getattr(citation, name) != getattr(now, name)
        ]
        yield _check("place", _named(citation), "；".join(differing))


def _versions(bundle: AuditBundle, catalog: Catalog) -> Iterator[Check]:
    """Every version in force on the day; one that the answer shows as not in force only beside its successor or predecessor."""
    day, compared = bundle.answer.as_of, bundle.trace.understood.ask is Ask.CHANGE
    for citation in bundle.answer.citations:
        meta = catalog.metas.get(citation.document_id)
        stands = meta is not None and (meta.in_force(day) or (compared and not citation.in_force))
        yield _check("in_force", _named(citation), "" if stands else f"{day} 不施行：{_span(meta)}")


def _text(bundle: AuditBundle) -> Iterator[Check]:
    """The Markdown has every claim in order with its markers, and no other markers."""
    answer = bundle.answer
    if answer.refused:
        yield _check("text", "拒答", "拒答却有论断或引文" if answer.claims or answer.citations else "")
        return
    if not answer.claims:
        yield _check("text", "正文", "没有论断")
    written, position = _squeezed(answer.answer), 0
    for at, claim in enumerate(answer.claims, 1):
        wanted = _squeezed(claim.text + "".join(f"[{n}]" for n in claim.citations))
        found = written.find(wanted, position)
        yield _check("text", f"第 {at} 句", "" if found >= 0 else "正文里没有这一句，或次序、编号不同")
        position = found + len(wanted) if found >= 0 else position
    used = {n for claim in answer.claims for n in claim.citations}
    used |= {n for conflict in answer.conflicts for side in conflict.sides for n in side.citations}
    listed, marked = {citation.n for citation in answer.citations}, {int(n) for n in _MARKER.findall(answer.answer)}
    stray = "、".join(f"[{n}]" for n in sorted((used | listed | marked) - (used & listed & marked)))
    yield _check("text", "引文编号", f"{stray} 在正文、论断、引文三处不一致" if stray else "")


def _references(bundle: AuditBundle, names: Names) -> Iterator[Check]:
    own = _by_model(bundle)
    for at, claim in enumerate(bundle.answer.claims, 1):
        cited = _cited(bundle, claim)
        if at <= own and claim.support in ("unsupported", "contradicted"):
            # A language model's sentence that was shown as failing: what it names need not stand anywhere.
            yield _check("reference", f"第 {at} 句", "")
            continue
        unreal = unreal_references(claim.text, cited, names)
        problem = f"所引来源里没有 {'、'.join(unreal)}" if unreal else ""
        if not cited or {citation.n for citation in cited} != set(claim.citations):
            problem = "所引的来源不在引文之列" if claim.citations else "没有引来源"
        yield _check("reference", f"第 {at} 句", problem)


def _by_model(bundle: AuditBundle) -> int:
    """How many of the claims, the first ones, a language model wrote."""
    return bundle.trace.generation.claims if bundle.trace.generation else 0


def _supports(bundle: AuditBundle, catalog: Catalog, names: Names, nli: Nli | None) -> Iterator[Check]:
    leads, own = bundle.trace.leads, _by_model(bundle)
    for at, claim in enumerate(bundle.answer.claims):
        if at < own:
            yield _support_of_model(at, bundle, claim, catalog, names)
            continue
        lead = leads[at] if at < len(leads) and _LEAD.fullmatch(leads[at]) else ""
        quotes = [readable(citation.quote) for citation in _cited(bundle, claim)]
        verdict = support(claim.text.removeprefix(lead), quotes, nli)
        yield _support_check(at, claim, verdict.support, verdict.score)


def _support_of_model(at: int, bundle: AuditBundle, claim: Claim, catalog: Catalog, names: Names) -> Check:
    """A language model's sentence is weighed as it was when it was written."""
    sources = []
    for citation in _cited(bundle, claim):
        meta, passage = catalog.metas.get(citation.document_id), catalog.passage(citation.passage_id)
        place = (citation.start, citation.end)
        unit = next((u for u in units(passage) if (u.start, u.end) == place), None) if passage else None
        if meta and passage and unit:
            sources.append(Source(Hit(passage, meta, 0.0), unit))
    if not sources:
        return _support_check(at, claim, "unsupported", 0.0)
    weighed = weigh(claim.text, sources, names)
    return _support_check(at, claim, weighed.support, weighed.score)


def _support_check(at: int, claim: Claim, now: SupportLabel, score: float) -> Check:
    worse = _SUPPORT.index(now) < _SUPPORT.index(claim.support)
    change = f"由{_SUPPORT_NAMES[claim.support]}变为{_SUPPORT_NAMES[now]}（{score:.2f}）"
    return _check("support", f"第 {at + 1} 句", change if worse else "")


def _cited(bundle: AuditBundle, claim: Claim) -> list[Citation]:
    return [citation for citation in bundle.answer.citations if citation.n in claim.citations]


def _named(citation: Citation) -> str:
    return f"[{citation.n}] {citation.label}"


def _span(meta: DocumentMeta | None) -> str:
    if meta is None:
        return "索引里没有这份文件"
    return f"{meta.valid_from or '不明'} 起" + (f"，{meta.repealed} 失效" if meta.repealed else "")


def _squeezed(text: str) -> str:
    """Without white space, and bars as tables write them."""
    return "".join(text.replace("|", "｜").split())


def as_text(report: AuditReport) -> str:
    """A line for every kind of check, one more for each that fails, then the fingerprints."""
    lines = [f"再核查：{report.question}", ""]
    for kind, title in KINDS.items():
        checks = [check for check in report.checks if check.kind == kind]
        failed = [check for check in checks if not check.holds]
        if checks:
            lines.append(f"{'✗' if failed else '✓'} {title}（{len(checks) - len(failed)}/{len(checks)}）")
        lines += [f"    ✗ {check.what}：{check.detail}" for check in failed]
    names = {"corpus": "语料", "index": "索引", "settings": "设置", "embedder": "向量模型"}
    pairs = (f"{names[p.name]}{'相同' if p.same else f'不同（{p.was} → {p.now}）'}" for p in report.fingerprints)
    lines += ["", "指纹（仅供参考）：" + "，".join(pairs)]
    failures = sum(not check.holds for check in report.checks)
    lines.append(f"{failures} 项不再成立。" if failures else "全部成立。")
    return "\n".join(lines)
