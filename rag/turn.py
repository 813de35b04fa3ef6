"""One question on its way to an answer: as asked, then understood, searched for, and not refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.clock import Clock
from rag.retrieve import Retrieved
from rag.trace import Recorder
from rag.types import Kind, Warning
from rag.understand import History, Query

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks; ``config``: LangChain's, for the calls of a chat model."""

    question: str
    history: History = ()
    as_of: dt.date | None = None
    kinds: Sequence[Kind] = ()
    identifier: str | None = None
    config: RunnableConfig | None = None


@dataclass(slots=True)
class Turn:
    """What the stages before writing hand on."""

    asked: Asked
    query: Query
    found: Retrieved
    recorder: Recorder
    clock: Clock
    warnings: list[Warning] = field(default_factory=list)
