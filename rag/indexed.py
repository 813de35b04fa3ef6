"""What is indexed of a passage: the text that is embedded, and the fields that are searched by words."""

from __future__ import annotations

from rag.types import DocumentMeta, Passage


def passage_context(title: str, passage: Passage) -> str:
    """Where a passage stands: its document's title and its headings."""
    return " ".join((title, *passage.headings))


def passage_text(title: str, passage: Passage) -> str:
    """What is embedded of a passage: its document's title, its headings, its text."""
    return f"{passage_context(title, passage)} {passage.text}"


def lexical_fields(meta: DocumentMeta, passage: Passage) -> dict[str, str]:
    """What BM25 sees of a passage, by the fields of ``rag.lexical``."""
    return {
        "title": " ".join((meta.title, *meta.aliases)),
        "headings": " ".join((*passage.headings, passage.topic or "")),
        "text": f"{passage.text} {passage.digest or ''}",
        "questions": " ".join(passage.lay_questions),
    }
