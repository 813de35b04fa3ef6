"""What is measured: anything that answers a question, whoever made it."""

from __future__ import annotations

from typing import Protocol

from evals.questions import Question
from rag.types import Answer, Document


class System(Protocol):
    """A system under test; made ready before its first question, so that ``answer`` is what is timed."""

    @property
    def name(self) -> str:
        """How tables call it: ``aigc-law-qa extractive``."""

    def answer(self, question: Question) -> Answer:
        """What it says; any exception means that it crashed on this question, which scores 0 and is listed."""

    def retrieve(self, question: Question, k: int) -> list[str] | None:
        """Ranked pinpoints or passage ids; None where the system cannot be asked for what it found."""

    def document(self, identifier: str) -> Document | None:
        """The text that its citations point into, to check their spans."""
