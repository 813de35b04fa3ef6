"""What a sentence says that its sources do not, found by comparing: places, titles, docket numbers, courts, dates, amounts, versions."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.dockets import dockets_in
from rag.generate.sources import Source, joined, nearest, nearest_clause, stated
from rag.names import Names
from rag.numerals import to_chinese
from rag.references import Reference, find_references
from rag.support import polarity
from rag.support.clauses import canonical
from rag.support.quantities import Quantities, quantities
from rag.types import DocumentMeta, SupportLabel


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not stand: what it makes of the sentence, and why, for the reader and for the model that may write again."""

    support: SupportLabel
    why: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a model: as written, and without the words that only say where it stands."""

    text: str
    statement: str


Guard = Callable[[Sentence, Sequence[Source], Names], Iterator[Finding]]
_TITLE = re.compile(r"《([^《》]{2,60})》")
_SAID_DATE = re.compile(r"(施行|生效|实施|起)|(公布|颁布|发布|印发)|(判决|宣判|裁定|作出|审结)")
_RANKS = ("最高人民法院", "高级人民法院", "中级人民法院", "互联网法院", "知识产权法院", "专门法院")
_INSTANCE = re.compile(r"一审|二审|再审|终审|终局")
_NUMBERED = re.compile(
    r"[（(]\d{4}[)）][\u4e00-\u9fff]{1,3}\d*[\u4e00-\u9fff]{1,4}\d+号|《[^《》]*》|[A-Z]{2,}[/\s-]?T?\s?\d[\d—-]*"
)
"""Docket numbers, titles and numbers of standards: their digits count nothing."""
_CLOSE = 0.5
"""Share of a clause's bigrams from which a clause of a source speaks of the same."""
_COURT_NAME = re.compile(r"[\u4e00-\u9fff]{2,14}?法院")
_YEAR_OF_VERSION = re.compile(r"((?:19|20)\d{2})\s*年?\s*(?:修[正订改]|版|文本|旧法|的?《)")


def places(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """Articles down to 款 and 项, and instruments, that are neither cited nor named in what is cited."""
    named = find_references(joined(sources), names)
    told = find_references(sentence.text, names)
    # One 项 alone must be that of the unit that says it, not of another one that happens to be cited too.
    alone = sum(reference.item is not None for reference in told) == 1
    for reference in told:
        if reference.article:
            held = [nearest(sentence.statement, sources)] if alone and reference.item and sources else sources
            if not any(_is_at(reference, source) for source in held) and not _is_named(reference, named):
                yield Finding("unsupported", f"所引来源不是{_written(reference)}，其中也没有提到它")
        elif not reference.docket and reference.name and not _is_of(reference, sources, named):
            yield Finding("unsupported", f"所引来源没有提到“{reference.name}”")


def _is_at(reference: Reference, source: Source) -> bool:
    if source.hit.passage.article != reference.article:
        return False
    if reference.document_ids and source.meta.id not in reference.document_ids:
        return False
    same_paragraph = source.unit.paragraph in (None, reference.paragraph) or reference.paragraph is None
    return same_paragraph and reference.item in (None, source.unit.item)


def _is_named(reference: Reference, named: Sequence[Reference]) -> bool:
    """Whether what is cited refers to the same place; one that says no more than the article may mean any part of it."""
    for other in named:
        same = not (reference.document_ids and other.document_ids) or set(reference.document_ids) & set(
            other.document_ids
        )
        parts = (other.paragraph, other.item)
        asked = (reference.paragraph, reference.item)
        fits = all(a is None or b is None or a == b for a, b in zip(asked, parts, strict=True))
        if other.article == reference.article and same and fits:
            return True
    return False


def _is_of(reference: Reference, sources: Sequence[Source], named: Sequence[Reference]) -> bool:
    ids = {source.meta.id for source in sources} | {i for other in named for i in other.document_ids}
    text = joined(sources)
    if not reference.document_ids:
        return bool(reference.name) and str(reference.name) in text
    return bool(ids & set(reference.document_ids)) or str(reference.name) in text


def _written(reference: Reference) -> str:
    paragraph = f"第{to_chinese(reference.paragraph)}款" if reference.paragraph else ""
    item = f"第（{to_chinese(reference.item)}）项" if reference.item else ""
    return f"{reference.name or ''}{reference.article}{paragraph}{item}"


def titles(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """Titles in 《》 that are neither the source's nor in it."""
    known = joined(sources) + "".join(source.hit.passage.text for source in sources)
    own = [name for source in sources for name in (source.meta.title, *source.meta.aliases)]
    ids = {source.meta.id for source in sources}
    for title in _TITLE.findall(sentence.text):
        held = names.held(title) or names.held(canonical(title))
        resolved = {i for r in find_references(f"《{title}》", names) for i in r.document_ids}
        if title in known or any(title in name for name in own) or resolved & ids or (held and set(held.ids) & ids):
            continue
        yield Finding("unsupported", f"所引来源没有提到《{title}》")


def dockets(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """Docket numbers that are not those of what is cited."""
    del names
    known = set(dockets_in(joined(sources)))
    for source in sources:
        appeal = source.meta.appeal.number if source.meta.appeal else None
        known |= {docket for number in (source.meta.number, appeal) if number for docket in dockets_in(number)}
    for docket in dockets_in(sentence.text):
        if docket not in known:
            yield Finding("unsupported", f"所引来源没有案号{docket}")


def courts(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """Courts and instances that are not those of the judgment cited."""
    del names
    text = joined(sources)
    known = text + " ".join(
        part
        for source in sources
        for part in (source.meta.court, source.meta.title, source.meta.appeal.court if source.meta.appeal else None)
        if part
    )
    for name in _COURT_NAME.findall(sentence.text):
        rank = next((rank for rank in _RANKS if rank in name), "")
        unknown = rank and rank not in known
        if unknown or polarity.unknown_court(canonical(name), canonical(known)) > _COURT_UNKNOWN:
            yield Finding("contradicted", f"所引来源里没有{name.lstrip('由在经向于')}")
    instances = set(_INSTANCE.findall(known)) | {source.meta.instance for source in sources if source.meta.instance}
    judgments = [source for source in sources if source.meta.court]
    for word in set(_INSTANCE.findall(sentence.statement)) if judgments else ():
        if word not in instances:
            yield Finding("contradicted", f"所引来源没有说是{word}")


_COURT_UNKNOWN = 0.34


def dates(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """Dates that stand in no cited unit and are not the document's own."""
    del names
    there = quantities(canonical(joined(sources))).dates
    for clause in re.split(r"[，,；;]", _NUMBERED.sub(" ", sentence.text)):
        own = [day for source in sources for day in _own_days(source.meta, clause)]
        for date in quantities(canonical(clause)).dates:
            if not any(_agrees(date, other) for other in [*there, *own]):
                yield Finding("contradicted" if there or own else "unsupported", f"所引来源里没有日期{_day(date)}")


def _own_days(meta: DocumentMeta, clause: str) -> list[tuple[int | None, int | None, int | None]]:
    """The days of a document that a clause can mean: of coming into force, of publication, of judgment."""
    found = _SAID_DATE.search(clause)
    days: tuple[dt.date | None, ...] = ()
    if found:
        days = ((meta.effective, meta.repealed), (meta.promulgated,), (meta.decided,))[(found.lastindex or 1) - 1]
    elif "年" in clause:
        days = (meta.effective, meta.promulgated, meta.decided)
    return [(day.year, day.month, day.day) for day in days if day]


def _agrees(date: tuple[int | None, ...], other: tuple[int | None, ...]) -> bool:
    return all(a is None or a == b for a, b in zip(date, other, strict=True))


def _day(date: tuple[int | None, ...]) -> str:
    return "".join(f"{part}{unit}" for part, unit in zip(date, "年月日", strict=True) if part is not None)


def amounts(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """Sums, terms and counts that the cited units do not have, or have of something else."""
    del names
    there = quantities(canonical(joined(sources)))
    counted = stated(_NUMBERED.sub(" ", sentence.statement))
    for amount in sorted(_weighty(quantities(counted.text))):
        if not _has(amount, there):
            rival = any(unit == amount[0] for unit, _ in there.amounts)
            yield Finding("contradicted" if rival else "unsupported", f"所引来源里没有“{_amount(amount)}”")
    for clause in counted.clauses:
        said = _weighty(quantities(clause.text))
        near, closeness = nearest_clause(clause, sources)
        beside = quantities(near.text)
        for unit, value in said:
            others = {other for kind, other in beside.amounts if kind == unit}
            if closeness >= _CLOSE and others and value not in others and _has((unit, value), there):
                yield Finding("contradicted", f"“{_amount((unit, value))}”在来源里说的是另一件事")


def _weighty(found: Quantities) -> list[tuple[str, float]]:
    """Without small counts (两项, 三个), which summaries make up from lists."""
    return [(unit, value) for unit, value in found.amounts if not (unit in ("count", "people", "") and value <= 5)]


def _has(amount: tuple[str, float], there: Quantities) -> bool:
    unit, value = amount
    if not unit:
        return any(value == other for _, other in there.amounts | there.ordinals)
    return amount in there.amounts or ("", value) in there.amounts


_UNITS = {
    "yuan": "元",
    "days": "日",
    "working_days": "个工作日",
    "hours": "小时",
    "months": "个月",
    "times": "倍",
    "percent": "%",
}


def _amount(amount: tuple[str, float]) -> str:
    return f"{amount[1]:g}{_UNITS.get(amount[0], '')}"


def versions(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """A version named by its year that is not the one cited."""
    del names
    text = joined(sources)
    for year in _YEAR_OF_VERSION.findall(sentence.text):
        days = [day for s in sources for day in (s.meta.promulgated, s.meta.effective) if day]
        if all(day.year != int(year) for day in days) and f"{year}年" not in text:
            yield Finding("unsupported", f"所引的不是{year}年的版本")


def voices(sentence: Sentence, sources: Sequence[Source], names: Names) -> Iterator[Finding]:
    """What only a party says, or a scholar, given as the court's or the law's."""
    del names
    if not re.search(r"法院(?:认为|认定|指出|判决|支持|采纳)", sentence.text):
        return
    sections = {source.hit.passage.section for source in sources}
    if sections <= {"原告主张", "被告抗辩"} and sources:
        yield Finding("contradicted", "来源里这是当事人的主张，不是法院的认定")


FACTS: tuple[Guard, ...] = (places, titles, dockets, courts, dates, amounts, versions, voices)
