"""Reading a chat model: on a loop of its own, so that checking what has come never waits for what is to come, nor the other way round."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_random_exponential

from rag.generate.failure import Endless, Failure, NothingWritten, StreamCut, failure_of, is_transient, retry_after
from rag.generate.messages import Message

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig

ATTEMPTS = 3
_CHARACTERS_A_TOKEN = 6
_backoff = wait_random_exponential(multiplier=0.5, max=8)


@dataclass(slots=True)
class Usage:
    """What calls have cost so far; tokens stay None where nobody says."""

    calls: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0

    def add(self, tokens: dict[str, Any]) -> None:
        self.prompt_tokens = (self.prompt_tokens or 0) + int(tokens.get("input_tokens") or 0)
        self.completion_tokens = (self.completion_tokens or 0) + int(tokens.get("output_tokens") or 0)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text; ``restarted`` where it is the first of a new attempt, and what came before is void."""

    text: str
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The reply is whole; ``cut_short`` where the limit of tokens ended it."""

    cut_short: bool = False


Event = Piece | Done | Failure


@dataclass(slots=True)
class Reading:
    """One reply that is being read. ``next_event`` until ``Done`` or ``Failure``; ``stop`` ends the request at once, wherever it stands."""

    usage: Usage
    _events: queue.SimpleQueue[Event] = field(default_factory=queue.SimpleQueue)
    _future: Future[None] | None = None

    def next_event(self, timeout: float) -> Event | None:
        """The next thing that happened; None where nothing did for ``timeout`` seconds."""
        try:
            return self._events.get(timeout=timeout)
        except queue.Empty:
            return None

    def stop(self) -> None:
        if self._future:
            self._future.cancel()

    def start(
        self, model: BaseChatModel, messages: Sequence[Message], limit: Limit, config: RunnableConfig | None
    ) -> Reading:
        self._future = asyncio.run_coroutine_threadsafe(self._run(model, messages, limit, config), _loop())
        return self

    async def _run(
        self, model: BaseChatModel, messages: Sequence[Message], limit: Limit, config: RunnableConfig | None
    ) -> None:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(limit.seconds):
                async for attempt in AsyncRetrying(
                    retry=retry_if_exception(is_transient),
                    wait=_wait,
                    stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(limit.seconds),
                    reraise=True,
                ):
                    with attempt:
                        again = attempt.retry_state.attempt_number > 1
                        await self._read(model, messages, limit, config, again=again)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._events.put(failure_of(error))
        finally:
            self.usage.seconds += time.perf_counter() - began

    async def _read(
        self,
        model: BaseChatModel,
        messages: Sequence[Message],
        limit: Limit,
        config: RunnableConfig | None,
        *,
        again: bool,
    ) -> None:
        self.usage.calls += 1
        said, finish, restarted = 0, "", again
        asked = [(message.role, message.content) for message in messages]
        async with _cut_is_told(lambda: said > 0), aclosing(model.astream(asked, config=config)) as stream:  # type: ignore[type-var]
            async for chunk in stream:
                text = str(chunk.text)
                finish = str(chunk.response_metadata.get("finish_reason") or finish)
                if chunk.usage_metadata:
                    self.usage.add(dict(chunk.usage_metadata))
                if text:
                    self._events.put(Piece(text, restarted))
                    said, restarted = said + len(text), False
                if said > limit.tokens * _CHARACTERS_A_TOKEN:
                    raise Endless
        if not finish and _says_when_finished(model):
            raise StreamCut
        if not said:
            raise NothingWritten
        self._events.put(Done(cut_short=finish == "length"))


@asynccontextmanager
async def _cut_is_told(begun: Callable[[], bool]) -> AsyncIterator[None]:
    """A connection that breaks after the first word is a stream that was cut, whatever the provider's package calls it."""
    try:
        yield
    except Exception as error:
        if begun() and failure_of(error).what == "unreachable":
            raise StreamCut from error
        raise


@dataclass(frozen=True, slots=True)
class Limit:
    """Seconds for all attempts together, and tokens of a reply."""

    seconds: float
    tokens: int


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = retry_after(error)
    return asked if asked is not None else _backoff(state)


def _says_when_finished(model: BaseChatModel) -> bool:
    """The OpenAI protocol always names the reason why a reply ends; of others that is not known."""
    return model._llm_type == "openai-chat"


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    """One loop for all requests of the process: connections are kept between them and belong to their loop."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="aigc-law-model", daemon=True).start()
    return loop


def whole(reading: Reading, seconds: float) -> str | Failure:
    """The text of a whole reply."""
    written, until = "", time.monotonic() + seconds + 1
    while (left := until - time.monotonic()) > 0:
        event = reading.next_event(left)
        if isinstance(event, Piece):
            written = event.text if event.restarted else written + event.text
        elif isinstance(event, Done):
            return written
        elif event is not None:
            return event
    reading.stop()
    return Failure("timeout")
