"""One question on its way to an answer: understood, searched for, and not refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.clock import Clock
from rag.retrieve import Retrieved
from rag.trace import Recorder
from rag.types import Kind, Warning
from rag.understand import Query


@dataclass(slots=True)
class Turn:
    """What the stages before writing hand on."""

    query: Query
    found: Retrieved
    kinds: Sequence[Kind]
    identifier: str | None
    recorder: Recorder
    clock: Clock
    warnings: list[Warning] = field(default_factory=list)
