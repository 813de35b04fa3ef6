"""What is asked: the corpus, the visitor's own documents, or both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from rag import Answer, Kind, Settings, stream_answer


def stream(
    question: str,
    *,
    history: Sequence[tuple[str, str]],
    as_of: dt.date | None,
    kinds: Sequence[Kind] | None,
    settings: Settings,
) -> Iterator[str | Answer]:
    return stream_answer(question, history=history, as_of=as_of, kinds=kinds, settings=settings)
