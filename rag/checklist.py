"""The elements of a copyright case, one by one: what the sources say of each, and where they are silent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.cite import Citations
from rag.compose import Sentence, Table, readable
from rag.evidence import Evidence, sentence_model
from rag.index import Index
from rag.pinpoint import paragraph_label
from rag.sentence_features import Candidate, candidates, features
from rag.types import Hit, Kind
from rag.understand import Ask, Query

_LEAST = 0.012
"""Probability of answering the question under which a sentence is not shown."""
ELEMENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("客体与独创性", re.compile(r"独创性|智力成果|智力投入|构成.{0,4}作品|不是作品|属于思想|可识别性")),
    (
        "权属",
        re.compile(
            r"著作权(?:归|属于|由)|(?:是|为|视为|不是).{0,4}作者|署名|权利归|享有著作权|著作权人是|法人作品|职务作品|委托作品|权利主体"
        ),
    ),
    (
        "被诉行为",
        re.compile(r"复制权|改编权|信息网络传播权|发行|被诉|模仿|伪造|擅自使用|未经.{0,12}(?:许可|同意|授权)"),
    ),
    ("接触与实质性相似", re.compile(r"实质性相似|接触(?:过|了|原告|作品|可能)|高度(?:近似|一致|相似)|整体上一致")),
    ("过错与注意义务", re.compile(r"过错|注意义务|明知|应知|应当知道|必要措施|投诉|知道或者")),
    ("免责", re.compile(r"合理使用|不承担(?:赔偿)?责任|免责|可以不经|合法来源|的除外|不构成侵权|不侵权")),
    ("责任方式", re.compile(r"停止侵[害权]|赔偿|赔礼道歉|罚款|消除影响|连带责任|销毁")),
)
_APPLIES = re.compile(
    r"作品|版权|著作权|侵权|抄|盗|担责|责任|赔|违法|维权|冒充|模仿|换脸|克隆|照着|搬运|liab|infring|copyright",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"吗|嘛|么|算不算|能不能|是不是|有没有|要不要|会不会|可不可以|行不行|是否|能否|谁|怎么办|can |is |does |who ",
    re.IGNORECASE,
)


def wants_checklist(query: Query) -> bool:
    """Whether a question asks for a case to be judged: is this a work, does this infringe, who is liable."""
    named = {identifier for reference in query.references for identifier in reference.document_ids}
    if named or (query.sections and query.ask is not Ask.LIABILITY):
        return False
    judged = query.ask is Ask.LIABILITY or query.ask is Ask.GENERAL
    return judged and bool(_APPLIES.search(query.text)) and bool(_ASKS.search(query.text))


def checklist(
    query: Query, hits: Sequence[Hit], evidence: Sequence[Evidence], index: Index, citations: Citations
) -> Table | None:
    """A row for each element: the nearest rule and the nearest holding, those already given above by their numbers; None where fewer than three
    elements are spoken of."""
    pool = [
        c
        for c in candidates(hits)
        if c.hit.document.jurisdiction == "CN" and c.hit.document.kind not in (Kind.PAPER, Kind.OWN)
    ]
    if not pool:
        return None
    rows, _ = features(query, pool, index.embedder)
    likely = sentence_model().probability(rows)
    ranked = [pool[row] for row in (-likely).argsort(kind="stable") if likely[row] >= _LEAST]
    said = {(e.hit.passage.id, e.unit.start): e for e in evidence}
    used: set[tuple[str, int]] = set()
    found: list[tuple[str, tuple[tuple[Sentence, ...], ...]]] = []
    above: list[tuple[int, ...]] = []
    for element, pattern in ELEMENTS:
        speaking = [c for c in ranked if pattern.search(c.unit.text) and not _only_claimed(c)]
        seen = [e for key, e in said.items() if pattern.search(e.unit.text)][:3]
        new: list[Candidate] = []
        for is_case in (False, True):
            if any((e.hit.document.kind is Kind.JUDGMENT) is is_case for e in seen):
                continue
            fitting = (
                c
                for c in speaking
                if (c.hit.document.kind is Kind.JUDGMENT) is is_case and _key(c) not in used | said.keys()
            )
            best = next(fitting, None)
            if best:
                used.add(_key(best))
                new.append(best)
        found.append((element, (tuple(_sentence(c, citations) for c in new),)))
        above.append(tuple(citations.cite(e.hit, e.unit).n for e in seen))
    spoken = sum(bool(cells[0]) or bool(numbers) for (_, cells), numbers in zip(found, above, strict=True))
    return Table("要件清单", "要件", ("来源所述",), tuple(found), tuple(above)) if spoken > 2 else None


def _key(candidate: Candidate) -> tuple[str, int]:
    return candidate.hit.passage.id, candidate.unit.start


def _only_claimed(candidate: Candidate) -> bool:
    """Whether a sentence of a judgment is not the court's."""
    is_case = candidate.hit.document.kind is Kind.JUDGMENT
    return is_case and candidate.hit.passage.section not in ("法院认为", "裁判结果")


def _sentence(candidate: Candidate, citations: Citations) -> Sentence:
    hit, unit = candidate.hit, candidate.unit
    place = hit.passage.article or (f"，{hit.passage.section}" if hit.document.kind is Kind.JUDGMENT else "")
    label = (paragraph_label(hit.passage, unit) or "") + (unit.item_label or "") if hit.passage.article else ""
    lead = f"{hit.document.short_title}{place}{label}："
    return Sentence(lead, readable(unit.text), (citations.cite(hit, unit).n,), hit.passage.id)
