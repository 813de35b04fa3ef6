"""One question to a chat model, with retries where trying again can help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from rag.generate.failure import NothingWritten, is_transient

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

ATTEMPTS = 3


def ask(model: BaseChatModel, prompt: str) -> str:
    """The text of its reply; what it raises when the last attempt failed is raised."""
    for attempt in Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.5, max=8),
        retry=retry_if_exception(is_transient),
        reraise=True,
    ):
        with attempt:
            # Streamed, as the product reads models: some servers know nothing else, and a time limit is then one of silence.
            text = "".join(str(piece.text) for piece in model.stream(prompt))
            if not text.strip():
                raise NothingWritten
            return text
    raise AssertionError("the last attempt raises")
