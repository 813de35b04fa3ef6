"""A follow-up made into a question that stands alone, by the model, out of the dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.generate import prompts
from rag.generate.failure import Failure
from rag.generate.messages import Message, fenced
from rag.generate.read import Limit, Reading, Usage, whole
from rag.generate.thoughts import WithoutThoughts
from rag.names import Names
from rag.references import find_references

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig

_TURNS, _TURN = 3, 600
"""Earlier turns that are shown to the model, and characters of each."""
_LONGEST = 300
_SECONDS, _TOKENS = 15.0, 200


def complete(
    question: str,
    history: Sequence[tuple[str, str]],
    model: BaseChatModel,
    names: Names,
    usage: Usage,
    seconds: float,
    config: RunnableConfig | None,
) -> str | None:
    """The completed question; None where it needs no completing, or the model gave none that can be trusted."""
    dialogue = "\n".join(f"用户：{fenced(u[:_TURN])}\n助手：{fenced(a[:_TURN])}" for u, a in history[-_TURNS:])
    asked = [Message("user", prompts.COMPLETE.format(dialogue=dialogue, question=fenced(question)))]
    bound = min(seconds, _SECONDS)
    written = whole(Reading(usage).start(model, asked, Limit(bound, _TOKENS), config), bound)
    if isinstance(written, Failure):
        return None
    thoughts = WithoutThoughts()
    completed = thoughts.feed(written).strip().strip("“”\"'「」")
    known = "\n".join([question, *(text for turn in history for text in turn)])
    plain = any(character.isalpha() for character in completed) and "\n" not in completed and len(completed) <= _LONGEST
    if not plain or completed == question.strip() or _adds(completed, known, names):
        return None
    return completed


def _adds(completed: str, known: str, names: Names) -> bool:
    """Whether it names an article, an instrument or a case that the dialogue does not: a question must not be led elsewhere."""
    told = find_references(known, names)
    articles = {r.article for r in told if r.article}
    ids = {identifier for r in told for identifier in r.document_ids}
    for reference in find_references(completed, names):
        if reference.article and reference.article not in articles:
            return True
        if reference.document_ids and not ids & set(reference.document_ids):
            return True
        if reference.docket and reference.docket not in {r.docket for r in told}:
            return True
    return False
