"""The run: passages into the prompt, the reply checked as it comes, repaired once, and bounded in time as a whole."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.cite import Citations
from rag.generate.budget import fit
from rag.generate.check import Checked, Checker
from rag.generate.failure import Failure
from rag.generate.judge import warm
from rag.generate.keys import new_keys
from rag.generate.marks import RESTARTED
from rag.generate.messages import Message, request
from rag.generate.read import Limit, Reading, Usage
from rag.generate.repair import better, request_again
from rag.generate.reply import Reply, Restart, follow
from rag.generate.write import is_dropped
from rag.names import Names
from rag.settings import Settings
from rag.types import Hit
from rag.understand import Query

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig

_HALVED = 2
"""Times that the passages are halved when they overflow the model's context."""
_LEAST_FOR_REPAIR = 2.0
"""Seconds that must be left for a second attempt."""


@dataclass(slots=True)
class Run:
    """Everything about one answer of a model: what it was asked, what it said, what came of it."""

    began: float = field(default_factory=time.perf_counter)
    usage: Usage = field(default_factory=Usage)
    messages: list[Message] = field(default_factory=list)
    passages: Mapping[str, Hit] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    kept: Reply | None = None
    failure: Failure | None = None
    completed: str | None = None
    first_sentence_ms: float | None = None
    streamed: bool = False
    fresh: bool = True
    """Nothing stands before what is streamed next."""

    @property
    def repaired(self) -> bool:
        return self.kept is not None and self.kept is not self.replies[0]

    def left(self, settings: Settings) -> float:
        """Seconds that remain of the time for all calls."""
        return settings.model_timeout - (time.perf_counter() - self.began)


def generate(
    run: Run,
    query: Query,
    hits: Sequence[Hit],
    model: BaseChatModel,
    names: Names,
    settings: Settings,
    config: RunnableConfig | None = None,
) -> Generator[str, None, None]:
    """Yield verified sentences as they are finished; ``run`` keeps what came of it. In the strictness ``refuse`` nothing is shown before all is known."""
    shows = settings.strictness != "refuse"
    for halving in range(_HALVED + 1):
        given = fit(hits, settings.model_context >> halving)
        run.passages = dict(zip(new_keys(len(given)), given, strict=True))
        run.messages = request(query.question if not run.completed else run.completed, query.as_of, run.passages)
        reply = yield from _reply(
            run, run.messages, model, names, settings, config, Citations(query.as_of) if shows else None
        )
        if not (reply.failure and reply.failure.what == "context"):
            break
    run.replies, run.kept, run.failure = [reply], reply, reply.failure
    if reply.failure or reply.is_refusal or not settings.model_repair or not reply.failing:
        return
    if run.left(settings) > _LEAST_FOR_REPAIR:
        asked = request_again(run.messages, reply)
        second = yield from _reply(run, asked, model, names, settings, config, None)
        run.replies.append(second)
        run.kept = better(reply, second)


def _reply(
    run: Run,
    messages: Sequence[Message],
    model: BaseChatModel,
    names: Names,
    settings: Settings,
    config: RunnableConfig | None,
    citations: Citations | None,
) -> Generator[str, None, Reply]:
    """One reply; its sentences are shown where ``citations`` are there to number them."""
    reply, checker = Reply(), Checker(run.passages, names)
    seconds = max(run.left(settings), 0.1)
    reading = Reading(run.usage).start(model, messages, Limit(seconds, settings.model_max_tokens), config)
    warm()
    for item in follow(reading, checker, reply, seconds):
        if isinstance(item, Restart):
            checker.begin()
        if citations is None:
            continue
        if isinstance(item, Restart):
            citations = Citations(citations.as_of)
            if run.streamed:
                yield RESTARTED
                run.fresh = True
            continue
        yield from _shown(item, citations, run, settings)
    return reply


def _shown(item: Checked, citations: Citations, run: Run, settings: Settings) -> Generator[str, None, None]:
    if is_dropped(item, settings.strictness):
        return
    text, _ = item.shown(citations)
    if run.first_sentence_ms is None:
        run.first_sentence_ms = round((time.perf_counter() - run.began) * 1000, 2)
    yield text.lstrip("\n") if run.fresh else text
    run.streamed, run.fresh = True, False
