"""The whole measurement over one index."""

from __future__ import annotations

from collections.abc import Sequence

from evals.generation.chat_model import ScriptedChat
from evals.generation.measure import Seen, script, seen
from evals.generation.outputs import Output
from rag.errors import InvalidInput
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings
from rag.types import Answer


def measured(outputs: Sequence[Output], settings: Settings) -> list[Seen]:
    """Every sentence of the outputs, asked and checked as a model's answers are; no second attempt, nothing dropped."""
    assistant = open_assistant(settings.model_copy(update={"model_repair": False, "strictness": "mark"}))
    return list(seen(outputs, lambda output: ask(output, assistant)))


def ask(output: Output, assistant: Assistant) -> Answer:
    """
    Raises:
        InvalidInput: a passage that the output cites was not found for its question.
    """
    problems: list[LookupError] = []

    def write(prompt: str) -> str:
        try:
            return script(output, prompt, assistant.index.catalog)
        except LookupError as error:
            problems.append(error)
            return ""

    answer = assistant.with_model(ScriptedChat(write=write)).answer(output.question)
    if problems:
        raise InvalidInput(
            f"照着写的输出 {output.id} 用不上。", why=str(problems[0]), next_step="把它的问题改得能找到所引的段落。"
        ) from problems[0]
    return answer
