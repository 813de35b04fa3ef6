"""Check a draft before anyone reads it: quotes verbatim, references real, sentences carried by what they cite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.catalog import Catalog
from rag.compose import Draft, Sentence, readable
from rag.dockets import dockets_in
from rag.names import Names
from rag.references import find_references
from rag.support import support
from rag.support.nli import Nli
from rag.types import Citation, Claim, Warning, values_of


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence that does not stand, and why."""

    sentence: Sentence
    why: str

    @property
    def text(self) -> str:
        return self.sentence.text


@dataclass(frozen=True, slots=True)
class Verified:
    """The claims that stand, the sentences that were removed, and what the reader is told about it."""

    claims: tuple[Claim, ...]
    removed: tuple[Removed, ...]
    warnings: tuple[Warning, ...]


def verify(
    draft: Draft,
    citations: Sequence[Citation],
    catalog: Catalog,
    names: Names,
    *,
    any_version: bool = False,
    nli: Nli | None = None,
) -> Verified:
    """Judge every sentence of a draft; a quote that does not stand at its place takes its sentences with it, and so does one of a version not in
    force, unless the answer sets versions side by side (``any_version``)."""
    sound = {c.n for c in citations if is_verbatim(c, catalog) and (c.in_force or any_version)}
    by_number = {citation.n: citation for citation in citations}
    claims: list[Claim] = []
    removed: list[Removed] = []
    for sentence in draft.sentences:
        cited = [by_number[n] for n in sentence.citations if n in by_number]
        if not cited or any(c.n not in sound for c in cited):
            removed.append(Removed(sentence, "引文不在所标位置，或者当日不施行"))
            continue
        # What stands in the quote names only what the quote names: the lead alone can add something.
        added = sentence.lead if any(sentence.statement in c.quote for c in cited) else sentence.text
        if unreal := unreal_references(added, cited, names):
            removed.append(Removed(sentence, f"提到所引来源没有的 {'、'.join(unreal)}"))
            continue
        verdict = support(sentence.statement, [readable(c.quote) for c in cited], nli)
        claims.append(
            Claim(text=sentence.text, citations=sentence.citations, support=verdict.support, score=verdict.score)
        )
    warnings = (
        [
            Warning(
                kind="removed",
                message=f"有 {len(removed)} 句未通过核对，已删除。",
                code="removed",
                values=values_of(n=len(removed)),
            )
        ]
        if removed
        else []
    )
    return Verified(tuple(claims), tuple(removed), tuple(warnings))


def is_verbatim(citation: Citation, catalog: Catalog) -> bool:
    """Whether the quote stands in the stored document exactly where the citation says."""
    document = catalog.document(citation.document_id)
    return document is not None and document.text[citation.start : citation.end] == citation.quote


def unreal_references(text: str, cited: Sequence[Citation], names: Names) -> list[str]:
    """Articles and docket numbers of a sentence that are neither those it cites nor named in what it quotes."""
    articles = {c.article for c in cited if c.article}
    dockets = {d for c in cited if c.number for d in dockets_in(c.number)}
    unreal = [r.article for r in find_references(text, names) if r.article and r.article not in articles]
    unknown = [docket for docket in dockets_in(text) if docket not in dockets]
    if not unreal and not unknown:
        return []
    quoted = "\n".join(citation.quote for citation in cited)
    named = {r.article for r in find_references(quoted, names)}
    there = set(dockets_in(quoted))
    return [article for article in unreal if article not in named] + [d for d in unknown if d not in there]
