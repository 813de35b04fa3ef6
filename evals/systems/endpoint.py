"""A system behind HTTP: POST {"id", "question", "as_of", "history"} gives its answer as Answer JSON."""

from __future__ import annotations

import threading
import time

import httpx
from pydantic import ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from evals.questions import Question
from evals.systems.outside import OutsideAnswer, Resolver, read_answer
from rag.errors import InvalidInput
from rag.pipeline import Assistant
from rag.types import Answer, Document

ATTEMPTS = 3
TIMEOUT = 120.0
"""Seconds that an answer may take."""
_CONNECT = 10.0
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT = 60.0
_backoff = wait_random_exponential(multiplier=0.5, max=8)


class BadReply(ValueError):
    """A reply that is no answer; asking again would not help."""


class Endpoint:
    """Safe to ask from several threads; no more than ``per_minute`` requests are begun in a minute, retries included.

    Raises:
        InvalidInput: ``url`` is no HTTP address.
    """

    def __init__(
        self, url: str, assistant: Assistant, *, per_minute: float | None = None, timeout: float = TIMEOUT
    ) -> None:
        address = _address(url)
        self.name = f"{address.host}{address.path.rstrip('/')}"
        self._url, self._assistant = address, assistant
        self._resolver = Resolver(assistant.index.catalog, assistant.names)
        self._client = httpx.Client(timeout=httpx.Timeout(timeout, connect=_CONNECT), follow_redirects=False)
        self._turns = _Turns(60 / per_minute if per_minute else 0.0)

    def answer(self, question: Question) -> Answer:
        """Timed from the last attempt's beginning: waiting for a turn or after a failure is no part of an answer's latency."""
        for attempt in Retrying(
            stop=stop_after_attempt(ATTEMPTS), wait=_wait, retry=retry_if_exception(_may_pass), reraise=True
        ):
            with attempt:
                self._turns.take()
                began = time.perf_counter()
                given = self._ask(question)
                return self._resolver.answer(given, question, round(1000 * (time.perf_counter() - began), 2))
        raise AssertionError("the last attempt raises")

    def _ask(self, question: Question) -> OutsideAnswer:
        asked = question.model_dump(mode="json", include={"id", "question", "as_of", "history"})
        reply = self._client.post(self._url, json=asked)
        reply.raise_for_status()
        try:
            return read_answer(reply.content)
        except ValidationError as error:
            first = error.errors()[0]
            raise BadReply(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        except ValueError as error:
            raise BadReply(str(error)) from error

    def retrieve(self, question: Question, k: int) -> list[str] | None:
        del question, k
        return None

    def document(self, identifier: str) -> Document | None:
        return self._assistant.document(identifier)

    def close(self) -> None:
        self._client.close()


def _address(url: str) -> httpx.URL:
    bad = InvalidInput(f"不是 HTTP 地址：{url}。", next_step="写成 http://主机:端口/路径 或 https://主机/路径。")
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise bad from error
    if address.scheme not in ("http", "https") or not address.host or not 0 < (address.port or 80) < 65536:
        raise bad
    return address


class _Turns:
    """Turns that are at least ``gap`` seconds apart, whoever takes them."""

    def __init__(self, gap: float) -> None:
        self._gap, self._next, self._lock = gap, 0.0, threading.Lock()

    def take(self) -> None:
        with self._lock:
            at = max(time.monotonic(), self._next)
            self._next = at + self._gap
        time.sleep(max(0.0, at - time.monotonic()))


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in _BUSY
    return isinstance(error, httpx.TransportError)


def _wait(state: RetryCallState) -> float:
    """As long as the server asks for, up to a minute; else longer after each failure."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.headers.get("retry-after", "") if isinstance(error, httpx.HTTPStatusError) else ""
    return min(float(asked), _LONGEST_WAIT) if asked.isdecimal() else _backoff(state)
