"""The LangChain door: a ``BaseRetriever`` over the index and a ``Runnable`` that answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
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


def chain(
    *, as_of: dt.date | None = None, kinds: Sequence[Kind] = (), settings: Settings | None = None
) -> Runnable[str | dict[str, object], Answer]:
    """A ``Runnable`` from a question, or ``{"question": …, "history": [[user, assistant], …]}``, to an ``Answer``."""
    assistant = open_assistant(settings)

    def run(request: str | dict[str, object]) -> Answer:
        if isinstance(request, str):
            return assistant.answer(request, as_of=as_of, kinds=kinds)
        history = [(str(user), str(reply)) for user, reply in request.get("history") or ()]  # type: ignore[attr-defined]
        return assistant.answer(str(request["question"]), history=history, as_of=as_of, kinds=kinds)

    return RunnableLambda(run, name="aigc_law_answer")
