"""Questions in, answers out that can be checked: cited to the article, paragraph and item, or refused.

    from rag import answer
    answer("AI 生成的图片有著作权吗？").answer

The flow, one module a stage: understand → retrieve → evidence → compose (or ``generate``, with a language model) → verify; ``pipeline`` joins them. What they share: types, settings,
errors, references, pinpoint, index (catalog, vectors, lexical), embed.
"""

from rag.api import (
    answer,
    answer_async,
    audit_bundle,
    disputed_issues,
    document,
    documents,
    explain,
    links,
    scope_card,
    search,
    stances,
    stream_answer,
)
from rag.bundle import AuditBundle
from rag.card import ScopeCard
from rag.errors import AigcLawError
from rag.issues import Issue
from rag.relations import Links
from rag.settings import Settings, load_settings
from rag.stances import Stance
from rag.trace import Trace
from rag.types import (
    Answer,
    Citation,
    Claim,
    Conflict,
    Document,
    DocumentMeta,
    Fingerprints,
    Kind,
    Refusal,
    SearchHit,
    SearchResult,
    Verdict,
    Warning,
)

__all__ = [
    "AigcLawError",
    "Answer",
    "AuditBundle",
    "Citation",
    "Claim",
    "Conflict",
    "Document",
    "DocumentMeta",
    "Fingerprints",
    "Issue",
    "Kind",
    "Links",
    "Refusal",
    "ScopeCard",
    "SearchHit",
    "SearchResult",
    "Settings",
    "Stance",
    "Trace",
    "Verdict",
    "Warning",
    "answer",
    "answer_async",
    "audit_bundle",
    "chain",
    "disputed_issues",
    "document",
    "documents",
    "explain",
    "links",
    "load_settings",
    "retriever",
    "scope_card",
    "search",
    "stances",
    "stream_answer",
]


def __getattr__(name: str) -> object:
    # LangChain takes a second to import; only who asks for its interfaces pays for it.
    if name in ("chain", "retriever"):
        from rag import langchain_api

        return getattr(langchain_api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
