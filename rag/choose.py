"""What of the passages found goes into an answer: sentences with the provisions that they rest on, and tables."""

from __future__ import annotations

from collections.abc import Sequence

from rag.cite import Citations
from rag.compose import Table
from rag.evidence import Evidence, gather, rested_on
from rag.index import Index
from rag.names import Names
from rag.pointers import referred
from rag.retrieve import retrieve, usable
from rag.settings import Settings
from rag.tables import case_table, change_table, compared_cases
from rag.types import Hit, Kind
from rag.understand import Ask, Query, asked_alone

PASSAGES = 12
"""Passages whose sentences are considered for an answer."""
MAX_PROVISIONS = 4
"""Provisions added because chosen sentences refer to them."""
MAX_PARTS, _OF_A_PART = 3, 4
"""Questions of one text that are answered each by itself, and the sentences that each gets at least."""
_BESIDE_TABLE = 5
"""Sentences that an answer with a table has besides."""


def tables_for(
    query: Query, hits: Sequence[Hit], index: Index, settings: Settings, citations: Citations, kinds: Sequence[Kind]
) -> list[Table]:
    """Versions or cases side by side, where that is what the question wants."""
    if query.ask is Ask.CHANGE:
        table = change_table(query, index, settings, citations, kinds)
        return [table] if table else []
    cases = compared_cases(query, hits, index, kinds)
    table = case_table(query, cases, index, citations) if cases else None
    return [table] if table else []


def evidence_for(
    query: Query,
    hits: Sequence[Hit],
    index: Index,
    settings: Settings,
    names: Names,
    kinds: Sequence[Kind],
    *,
    beside: Sequence[Table] = (),
) -> list[Evidence]:
    """Chosen sentences, and the provisions that they rest on; few of them ``beside`` tables."""
    limit = _BESIDE_TABLE if beside else settings.max_sentences
    if len(query.parts) > 1:
        evidence = _evidence_of_parts(query, index, settings, names, kinds, limit)
    else:
        evidence = gather(query, hits[:PASSAGES], index.embedder, limit)
    said = {(s.block, s.statement) for table in beside for s in table.sentences}
    evidence = [e for e in evidence if (e.hit.passage.id, e.unit.text) not in said]
    pointers = referred(((e.hit, e.unit.text) for e in evidence if not e.aside), index, names, query.as_of)
    pointers = [pointer for pointer in pointers if usable(pointer.hit.document, query.as_of, kinds)]
    return evidence + rested_on(query, pointers, index.embedder, evidence, MAX_PROVISIONS)


def _evidence_of_parts(
    query: Query, index: Index, settings: Settings, names: Names, kinds: Sequence[Kind], limit: int
) -> list[Evidence]:
    """Of a text that asks several questions: the sentences that answer each, the same one once."""
    found: dict[tuple[str, int], Evidence] = {}
    share = max(_OF_A_PART, -(-limit // len(query.parts)))
    for part in query.parts[:MAX_PARTS]:
        asked = asked_alone(query, part, names)
        hits = retrieve(asked, index, settings, kinds=kinds, k=PASSAGES).hits
        for evidence in gather(asked, hits, index.embedder, share):
            found.setdefault((evidence.hit.passage.id, evidence.unit.start), evidence)
    return list(found.values())
