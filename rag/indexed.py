"""What is indexed of a passage: the text that is embedded, and the fields that are searched by words."""

from __future__ import annotations

from rag.types import DocumentMeta, Passage


def passage_context(title: str, passage: Passage) -> str:
    """Where a passage stands: its document's title and its headings."""
    return " ".join((title, *passage.headings))


def passage_text(title: str, passage: Passage) -> str:
    """What is embedded of a passage: its document's title, its headings, its text."""
    return f"{passage_context(title, passage)} {passage.text}"


def lexical_text(meta: DocumentMeta, passage: Passage) -> str:
    """What BM25 sees of a passage: all that is embedded, the document's aliases, the topic, the lay questions and our digest."""
    helpers = (*meta.aliases, passage.topic or "", *passage.lay_questions, passage.digest or "")
    return " ".join((passage_text(meta.title, passage), *helpers))
