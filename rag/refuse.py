"""When not to answer: outside the field, not in the corpus, no version for that day, a premise that is false on its face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.data import word_list
from rag.index import Index
from rag.numerals import article_number, to_chinese
from rag.pinpoint import paragraph_count, units
from rag.premises import false_premises
from rag.references import Reference
from rag.retrieve import Retrieved, coverage
from rag.scope import in_scope_probability
from rag.settings import Settings
from rag.types import DocumentMeta, Kind, Passage, Refusal, Warning, values_of
from rag.understand import Query

_FOLLOW_UP = 0.2
"""Share of the gate's threshold that a follow-up must reach."""
_TOO_SHORT = 6
_OWN_COVERAGE = 0.25
"""Share of a question's bigrams and words that the best passages of the user's own documents must have, to be asked about anything."""
_SCOPE = "本助手只回答中国法上人工智能生成内容的著作权与侵权责任问题"


@dataclass(slots=True)
class Gate:
    """What the gate was asked, if it was: how likely the question is within the corpus, and how likely it must be."""

    probability: float | None = None
    threshold: float | None = None


def refusal_of(
    query: Query, found: Retrieved, index: Index, settings: Settings, gate: Gate
) -> tuple[Refusal | None, list[Warning]]:
    """The refusal that a question calls for, if any, and warnings about parts of it that cannot be met; what ``gate`` was asked is noted in it."""
    if query.is_digression:
        return _outside(query, found), []
    if query.incomplete:
        return _unclear(query), []
    if wrong := false_premises(query, index.catalog.metas):
        record = " ".join(wrong)
        message = f"问题的前提有误。{record}请核对后再问。"
        return Refusal(
            reason="false_premise", message=message, code="premise_of_case", values=values_of(record=record)
        ), []
    problems: list[Refusal] = []
    warnings: list[Warning] = []
    answerable = 0
    for reference in query.references:
        problem = _problem_of(reference, query, index)
        if problem:
            problems.append(problem)
            kind = _warning_kind(reference, problem)
            warnings.append(Warning(kind=kind, message=problem.message, code=problem.code, values=problem.values))
        elif reference.document_ids:
            answerable += 1
    if problems and not answerable:
        return problems[0], []
    if query.absent and not answerable:
        return _absent(query), []
    if query.absent:
        names = _listed(query.absent)
        message = f"语料中没有{names}，以下回答不涉及其内容。"
        warnings.append(
            Warning(kind="not_in_corpus", message=message, code="part_not_held", values=values_of(names=names))
        )
    if not found.hits:
        return Refusal(reason="not_in_corpus", message="语料中没有找到与问题有关的内容。", code="nothing_found"), []
    if answerable or _own_speak_to(query, found):
        return None, warnings
    probability = in_scope_probability(query.text, found, index.embedder)
    # A follow-up on what was answered before is within the field unless it plainly leaves it.
    threshold = settings.scope_threshold * (_FOLLOW_UP if query.in_dialogue else 1)
    gate.probability, gate.threshold = probability, threshold
    if probability < threshold:
        return _outside(query, found), []
    return None, warnings


def _own_speak_to(query: Query, found: Retrieved) -> bool:
    """Whether the user's own documents have the question's words: what is asked of them is not bound to the field of the corpus."""
    own = [hit.passage.text for hit in found.hits if hit.document.kind is Kind.OWN][:3]
    return bool(own) and coverage(query.text, " ".join(own)) >= _OWN_COVERAGE


def _warning_kind(reference: Reference, problem: Refusal) -> str:
    if problem.reason != "false_premise":
        return problem.reason
    return "no_such_article" if reference.article else "no_such_docket"


def _absent(query: Query) -> Refusal:
    """The question rests on sources that the index lacks: of this field, or of another."""
    if all(name in word_list("instruments_elsewhere") for name in query.absent):
        message = f"{_SCOPE}；{_listed(query.absent)}属于其他法律领域，不在范围内。"
        return Refusal(
            reason="out_of_scope", message=message, missing=query.absent, code="other_field",
            values=values_of(names=_listed(query.absent)),
        )  # fmt: skip
    message = f"语料中没有{_listed(query.absent)}，不能据以回答。可先导入其正式文本，或改问已收录的法规与判决。"
    return Refusal(
        reason="not_in_corpus", message=message, missing=query.absent, code="not_held",
        values=values_of(names=_listed(query.absent)),
    )  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    return "、".join(f"《{name}》" if name[-1] in "法典例定则" else f"“{name}”" for name in names)


def _problem_of(reference: Reference, query: Query, index: Index) -> Refusal | None:
    metas = [index.catalog.metas[identifier] for identifier in reference.document_ids]
    if reference.docket and not metas:
        message = f"语料中没有案号为{reference.docket}的判决，请核对案号；不能确认该案存在，也不能转述其内容。"
        return Refusal(
            reason="false_premise", message=message, missing=(reference.docket,), code="docket_not_held",
            values=values_of(docket=reference.docket),
        )  # fmt: skip
    if not metas:
        return None
    current = [meta for meta in metas if meta.in_force(query.as_of)]
    if not current:
        return _version_missing(metas, query)
    if reference.article:
        holder = next((m for m in current if index.catalog.article(m.id, reference.article)), current[0])
        return _article_problem(reference, holder, index)
    return None


def _article_problem(reference: Reference, meta: DocumentMeta, index: Index) -> Refusal | None:
    passage = index.catalog.article(meta.id, reference.article or "")
    name = meta.short_title
    if passage:
        return _place_problem(reference, passage, f"{name}{reference.article}")
    if meta.partial and meta.articles and article_number(reference.article) <= meta.articles:
        message = f"{name}确有{reference.article}，但语料只收录了它的部分条文，其中没有这一条。"
        return Refusal(
            reason="not_in_corpus", message=message, missing=(f"{name}{reference.article}",), code="article_not_held",
            values=values_of(name=name, article=reference.article),
        )  # fmt: skip
    total = meta.articles or sum(1 for p in index.catalog.passages_of(meta.id) if p.article)
    if not total:
        return None
    message = f"{name}没有{reference.article}：现行文本共 {total} 条。请核对条号。"
    return Refusal(
        reason="false_premise", message=message, missing=(f"{name}{reference.article}",), code="no_such_article",
        values=values_of(name=name, article=reference.article, total=total),
    )  # fmt: skip


def _place_problem(reference: Reference, passage: Passage, place: str) -> Refusal | None:
    """A 款 or 项 that the article does not have."""
    found = [u for u in units(passage) if reference.paragraph is None or u.paragraph == reference.paragraph]
    if reference.paragraph is not None and not found:
        message = f"{place}没有第{to_chinese(reference.paragraph)}款：该条共 {paragraph_count(passage)} 款。请核对。"
        return Refusal(
            reason="false_premise",
            message=message,
            missing=(f"{place}第{to_chinese(reference.paragraph)}款",),
            code="no_such_paragraph",
            values=values_of(place=place, n=reference.paragraph, total=paragraph_count(passage)),
        )
    items = [u.item for u in found if u.item]
    if reference.item is not None and reference.item not in items:
        there = f"共 {max(items)} 项" if items else "不分项"
        message = f"{place}没有第（{to_chinese(reference.item)}）项：该处{there}。请核对。"
        return Refusal(
            reason="false_premise", message=message, missing=(f"{place}第（{to_chinese(reference.item)}）项",),
            code="no_such_item", values=values_of(place=place, n=reference.item, total=max(items, default=0)),
        )  # fmt: skip
    return None


def _version_missing(metas: Sequence[DocumentMeta], query: Query) -> Refusal:
    day = query.as_of.isoformat()
    earliest = min(metas, key=lambda meta: (meta.valid_from is None, meta.valid_from))
    if earliest.decided and earliest.decided > query.as_of:
        message = f"{earliest.short_title}于 {earliest.decided} 才作出，{day} 时尚无此判决。"
        return Refusal(
            reason="version_not_in_corpus", message=message, missing=(earliest.title,), code="not_yet_decided",
            values=values_of(name=earliest.short_title, decided=earliest.decided, day=day),
        )  # fmt: skip
    versions = "、".join(f"{meta.short_title}（{meta.valid_from} 起）" for meta in metas)
    before = "；该日适用的是更早的版本，尚未收录" if earliest.supersedes else "；当时尚无此规定，或者更早的版本尚未收录"
    message = f"语料中没有 {day} 施行的{earliest.short_title}版本，只有{versions}{before}，因此不回答。"
    held = ", ".join(f"{meta.short_title} ({meta.valid_from})" for meta in metas)
    return Refusal(
        reason="version_not_in_corpus", message=message, missing=(f"{earliest.title}（{day} 版本）",),
        code="earlier_version_not_held" if earliest.supersedes else "no_version_that_day",
        values=values_of(name=earliest.short_title, day=day, held=held),
    )  # fmt: skip


def _outside(query: Query, found: Retrieved) -> Refusal:
    best = found.hits[0]
    nearest = best.document.short_title + (best.passage.article or "")
    message = f"{_SCOPE}，语料中没有能回答这个问题的来源。最接近的内容是{nearest}，但不足以作答。"
    if len(query.text) <= _TOO_SHORT:
        return _unclear(query)
    return Refusal(reason="out_of_scope", message=message, code="outside", values=values_of(nearest=nearest))


def _unclear(query: Query) -> Refusal:
    asked = " ".join(query.question.split())
    message = f"问题不够明确：“{asked}”指的是哪部法规的哪一条、哪个案件，或者什么情形？请补充后再问。"
    return Refusal(reason="unclear", message=message, code="unclear", values=values_of(question=asked))
