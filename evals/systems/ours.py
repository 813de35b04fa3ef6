"""This project, as the systems under test see it."""

from __future__ import annotations

from evals.questions import Question
from evals.systems.chunks import Chunk
from rag.pipeline import Assistant
from rag.types import Answer, Document


class Ours:
    """An ``Assistant``: extractive, or with a chat model where its settings name one or it was given one."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        by_model = bool(assistant.settings.model or assistant.chat_model)
        self.name = f"aigc-law-qa {'model' if by_model else 'extractive'}"

    def answer(self, question: Question) -> Answer:
        return self.assistant.answer(
            question.question, history=question.history, as_of=question.as_of, identifier=question.id
        )

    def retrieve(self, question: Question, k: int) -> list[str] | None:
        found = self.assistant.search(question.question, k=k, as_of=question.as_of, history=question.history)
        return [hit.passage_id for hit in found.hits]

    def document(self, identifier: str) -> Document | None:
        return self.assistant.document(identifier)


class OurSearch:
    """Our retrieval as a ``Finder``: its passages are the chunks."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def find(self, question: Question, k: int) -> list[Chunk]:
        hits = self._assistant.search(question.question, k=k, as_of=question.as_of, history=question.history).hits
        return [Chunk(hit.text, hit.document_id, hit.start, hit.end) for hit in hits]
