"""What each stage of an answer takes."""

from __future__ import annotations

import time

from rag.types import Timings


class Clock:
    """Milliseconds from lap to lap."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """The time since the last lap belongs to stage ``name`` of ``Timings``."""
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def timings(self) -> Timings:
        return Timings(**self._laps, total=round((time.perf_counter() - self._start) * 1000, 2))
