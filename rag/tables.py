"""Answers that set sources side by side: cases by what matters in them, the versions of an instrument by what was asked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rag.cite import Citations
from rag.compose import Sentence, Table, readable
from rag.index import Index
from rag.pinpoint import paragraph_label, units
from rag.retrieve import retrieve, usable
from rag.sentence_features import candidates, shares_of
from rag.settings import Settings
from rag.types import DocumentMeta, Hit, Kind, Passage, Unit
from rag.understand import Ask, Query

MAX_CASES = 4
MAX_CHANGES = 2
"""Pairs of articles that an answer on an amendment shows."""
_FOUND_CASES = 3
"""Judgments that are compared where the question names none."""
_WHOLE, _OF_LONG = 7, 4
"""Sentences up to which an article is shown whole, and those shown of a longer one."""
_SEARCHED = 12
_NEAR_BEST = 0.6
# What a case is compared by: the section that says it, and what a sentence of it must hold.
_ELEMENTS: tuple[tuple[str, str, str, int], ...] = (
    ("案件事实", "案情", "", 1),
    ("是否构成作品", "法院认为", r"独创性|作品", 1),
    ("侵权与责任", "法院认为", r"侵权|侵害|责任|过错|实质性相似|合理使用", 1),
    ("理由", "法院认为", "", 2),
    ("裁判结果", "裁判结果", "", 2),
)


def compared_cases(query: Query, hits: Sequence[Hit], index: Index, kinds: Sequence[Kind]) -> list[DocumentMeta]:
    """The judgments that a question wants compared: those it names; where it names none or one, those that were found for it."""
    metas = index.catalog.metas
    named = dict.fromkeys(i for reference in query.references for i in reference.document_ids)
    cases = [metas[i] for i in named if metas[i].kind is Kind.JUDGMENT and usable(metas[i], query.as_of, kinds)]
    if query.ask is not Ask.COMPARISON and len(cases) < 2:
        return []
    if len(cases) < 2:
        country = cases[0].jurisdiction if cases else None  # the other case is of the same country, unless it is named
        found = dict.fromkeys(
            hit.document.id
            for hit in hits[:8]
            if hit.document.kind is Kind.JUDGMENT and country in (None, hit.document.jurisdiction)
        )
        if len(found) < 2 or not re.search(r"案|判|法院|court|case", query.text, re.IGNORECASE):
            return []
        ids = dict.fromkeys([*(case.id for case in cases), *list(found)[:_FOUND_CASES]])
        cases = [metas[identifier] for identifier in ids]
    return cases[:MAX_CASES]


def case_table(query: Query, cases: Sequence[DocumentMeta], index: Index, citations: Citations) -> Table | None:
    """Cases against the elements of a copyright case; every cell is cited, and says so where the sources are silent."""
    chosen = [_chosen_of(query, case, index) for case in cases]
    rows = tuple(
        (element, tuple(_cell(cells[position], case, citations) for case, cells in zip(cases, chosen, strict=True)))
        for position, (element, *_) in enumerate(_ELEMENTS)
        if any(cells[position] for cells in chosen)
    )
    columns = tuple(f"{case.short_title}（{case.court or ''}{case.number or ''}）" for case in cases)
    return Table("案件对照", "要素", columns, rows) if rows else None


Chosen = list[tuple[Passage, Unit]]


def _cell(chosen: Chosen, case: DocumentMeta, citations: Citations) -> tuple[Sentence, ...]:
    return tuple(_sentence(Hit(passage, case, 0.0), unit, "", citations) for passage, unit in chosen)


def _chosen_of(query: Query, case: DocumentMeta, index: Index) -> list[Chosen]:
    """For every element the sentences of a case that speak of it."""
    passages = index.catalog.passages_of(case.id)
    used: set[int] = set()
    cells = []
    for _, section, pattern, count in _ELEMENTS:
        pool = [
            (passage, unit)
            for passage in passages
            if passage.section == section
            for unit in units(passage)
            if unit.start not in used and len(unit.text) > 4 and re.search(pattern, unit.text)
        ]
        # What was ordered is said first, what was dismissed after it.
        best = pool[:count] if section == "裁判结果" else _nearest(query.focus, pool, index, count)
        used.update(unit.start for _, unit in best)
        cells.append(best)
    return cells


def _nearest(asked: str, pool: Sequence[tuple[Passage, Unit]], index: Index, count: int) -> list[tuple[Passage, Unit]]:
    """The ``count`` sentences nearest to the question, in reading order."""
    if not pool:
        return []
    texts = [(unit.stem or "") + unit.text for _, unit in pool]
    vectors = index.embedder.embed_passages([*texts, asked])
    scores = vectors[:-1] @ vectors[-1] + np.asarray(shares_of(asked, texts))
    best = np.argsort(-scores, kind="stable")[:count]
    return [
        pool[row]
        for row in sorted(best, key=lambda row: pool[row][1].start)
        if scores[row] >= _NEAR_BEST * scores[best[0]]
    ]


def change_table(
    query: Query, index: Index, settings: Settings, citations: Citations, kinds: Sequence[Kind]
) -> Table | None:
    """What was asked, in the version before an amendment and in the one after it; None where the index lacks one of them."""
    metas = index.catalog.metas
    named = [metas[i] for reference in query.references for i in reference.document_ids]
    new = next((meta for meta in named if meta.supersedes in metas and meta.renumbered), None)
    if new is None or new.valid_from is None:
        return None
    old = metas[new.supersedes or ""]
    later = _hits_of(query, new, max(query.as_of, new.valid_from), index, settings, kinds)
    earlier = _hits_of(query, old, new.valid_from - dt.timedelta(days=1), index, settings, kinds)
    pairs = _pairs(new, later, earlier)[:MAX_CHANGES]
    if not pairs:
        return None
    rows = []
    for before, after in pairs:
        cells = []
        for meta, slug in ((old, before), (new, after)):
            passage = index.catalog.passage(f"{meta.id}/{slug}") if slug else None
            pool = [(passage, c.unit) for c in candidates([Hit(passage, meta, 0.0)])] if passage else []
            best = pool if len(pool) <= _WHOLE else _nearest(query.focus, pool, index, _OF_LONG)
            cells.append(tuple(_article_sentence(Hit(p, meta, 0.0), unit, citations) for p, unit in best))
        topic = next(
            (p.topic for m, s in ((new, after), (old, before)) if s and (p := index.catalog.passage(f"{m.id}/{s}"))),
            None,
        )
        rows.append((topic or "", tuple(cells)))
    columns = (
        f"修改前（{old.valid_from or ''} 至 {new.valid_from - dt.timedelta(days=1)}）",
        f"修改后（{new.valid_from} 起）",
    )
    return Table(f"{new.short_title}修改前后", "事项", columns, tuple(rows))


def _hits_of(
    query: Query, meta: DocumentMeta, day: dt.date, index: Index, settings: Settings, kinds: Sequence[Kind]
) -> list[Hit]:
    """The passages of one version that the question is about, as the law stood on ``day``."""
    asked = replace(query, as_of=day, references=tuple(r for r in query.references if meta.id in r.document_ids))
    hits = retrieve(asked, index, settings, kinds=kinds, k=_SEARCHED).hits
    return [hit for hit in hits if hit.document.id == meta.id and hit.passage.article]


def _pairs(new: DocumentMeta, later: Sequence[Hit], earlier: Sequence[Hit]) -> list[tuple[str | None, str | None]]:
    """Articles before and after that carry the same content, those found first in either version first."""
    scores: dict[tuple[str | None, str | None], float] = {}
    for rank, hit in enumerate(later):
        slug = hit.passage.id.partition("/")[2]
        before = next((old for old, now in new.renumbered.items() if now == slug), None)
        scores[before, slug] = scores.get((before, slug), 0.0) + 1 / (1 + rank)
    for rank, hit in enumerate(earlier):
        slug = hit.passage.id.partition("/")[2]
        pair = (slug, new.renumbered.get(slug))
        scores[pair] = scores.get(pair, 0.0) + 1 / (1 + rank)
    ranked = sorted(scores, key=lambda pair: -scores[pair])
    return [pair for pair in ranked if scores[pair] >= scores[ranked[0]] / 3]


def _article_sentence(hit: Hit, unit: Unit, citations: Citations) -> Sentence:
    place = f"{hit.passage.article}{paragraph_label(hit.passage, unit) or ''}{unit.item_label or ''}"
    return _sentence(hit, unit, f"{place}：", citations)


def _sentence(hit: Hit, unit: Unit, lead: str, citations: Citations) -> Sentence:
    return Sentence(lead, readable(unit.text), (citations.cite(hit, unit).n,), hit.passage.id)
