"""The LangChain door: a ``BaseRetriever`` over the index and a ``Runnable`` that answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForChainRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.language_models import BaseChatModel
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor
from pydantic import ConfigDict

from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings
from rag.types import Answer, Kind


class LegalRetriever(BaseRetriever):
    """Passages in force, best first; metadata holds ids, pinpoint, span and score."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: Assistant
    k: int = 10
    as_of: dt.date | None = None
    kinds: tuple[Kind, ...] = ()

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        del run_manager
        result = self.assistant.search(query, k=self.k, as_of=self.as_of, kinds=self.kinds)
        return [
            LangChainDocument(
                page_content=hit.text,
                id=hit.passage_id,
                metadata=hit.model_dump(mode="json", exclude={"text"}),
            )
            for hit in result.hits
        ]


def retriever(
    *, k: int = 10, as_of: dt.date | None = None, kinds: Sequence[Kind] = (), settings: Settings | None = None
) -> LegalRetriever:
    """A LangChain retriever. Raises ``IndexUnavailable`` as ``rag.answer`` does."""
    return LegalRetriever(assistant=open_assistant(settings), k=k, as_of=as_of, kinds=tuple(kinds))


Request = str | dict[str, object]


class AnswerChain(Runnable[Request, str | Answer]):
    """From a question, or ``{"question": …, "history": [[user, assistant], …]}``, to an ``Answer``.

    ``stream`` gives a language model's sentences as they are checked, then the ``Answer``; without a model the ``Answer`` alone. Callbacks
    and tags of the config reach the chat model.
    """

    name = "aigc_law_answer"

    def __init__(self, assistant: Assistant, as_of: dt.date | None, kinds: tuple[Kind, ...]) -> None:
        self._assistant, self._as_of, self._kinds = assistant, as_of, kinds

    def invoke(self, input: Request, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        answer = self._call_with_config(self._answer, input, config, **kwargs)
        assert isinstance(answer, Answer)
        return answer

    async def ainvoke(self, input: Request, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """``invoke`` without blocking the event loop."""
        return await run_in_executor(config, self.invoke, input, config, **kwargs)

    def stream(self, input: Request, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[str | Answer]:
        yield from self._transform_stream_with_config(iter([input]), self._pieces, config, **kwargs)

    async def astream(
        self, input: Request, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[str | Answer]:
        """``stream`` without blocking the event loop; leaving it early ends the model's request."""
        pieces = self.stream(input, config, **kwargs)
        try:
            while (piece := await run_in_executor(config, next, pieces, None)) is not None:
                yield piece
        finally:
            await run_in_executor(config, pieces.close)  # type: ignore[attr-defined]

    def _answer(
        self, request: Request, run_manager: CallbackManagerForChainRun, config: RunnableConfig
    ) -> str | Answer:
        del run_manager  # the config has it
        question, history = _asked(request)
        return self._assistant.answer(question, history=history, as_of=self._as_of, kinds=self._kinds, config=config)

    def _pieces(
        self, requests: Iterator[Request], run_manager: CallbackManagerForChainRun, config: RunnableConfig
    ) -> Iterator[str | Answer]:
        del run_manager
        for request in requests:
            question, history = _asked(request)
            yield from self._assistant.stream(
                question, history=history, as_of=self._as_of, kinds=self._kinds, config=config
            )


def _asked(request: Request) -> tuple[str, list[tuple[str, str]]]:
    if isinstance(request, str):
        return request, []
    history = [(str(user), str(reply)) for user, reply in request.get("history") or ()]  # type: ignore[attr-defined]
    return str(request["question"]), history


def chain(
    *,
    as_of: dt.date | None = None,
    kinds: Sequence[Kind] = (),
    settings: Settings | None = None,
    chat_model: BaseChatModel | None = None,
) -> AnswerChain:
    """A ``Runnable`` that answers; ``chat_model``: any LangChain chat model, in place of the one that the settings name."""
    assistant = open_assistant(settings)
    if chat_model is not None:
        assistant = assistant.with_model(chat_model)
    return AnswerChain(assistant, as_of, tuple(kinds))
