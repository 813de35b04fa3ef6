"""One system on one corpus: built, searched and started in processes of its own."""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.bench.corpora import Asked, Corpus
from evals.bench.ranks import Ranks, gold_ranks
from evals.bench.results import ROOT

COLD_RUNS = 3
COLD_ENOUGH_S = 20.0
"""A start that takes longer than this is taken once."""


def measure(corpus: Corpus, system: str, work: Path) -> dict[str, Any]:
    """Costs and ranks of one system on one corpus; ``{"error": …}`` where it could not be built or opened.

    ``cost``: ``build_s`` from the files to a finished index, ``build_mb`` and ``search_mb`` peak memory of the process, ``p50_ms`` and
    ``p95_ms`` of a search for ten articles in an open index, ``cold_s`` of a fresh process that opens it and searches once, ``size_mb``
    on disk. ``ranks``: set of questions → question → ranks of its gold, as text.
    """
    started = time.perf_counter()
    store = work / "store"
    shutil.rmtree(store, ignore_errors=True)
    store.mkdir(parents=True)
    asked = corpus.asked
    job = {
        "system": system,
        "corpus": corpus.name,
        "documents": str(corpus.folder),
        "store": str(store),
        "questions": [question.question for question in asked],
        "ranked": any(question.gold for question in asked),
    }
    try:
        built, _ = run_worker({**job, "action": "build"}, work)
        searched, _ = run_worker({**job, "action": "search"}, work)
        if len(searched["failed"]) == len(asked):
            raise WorkerError(searched["failed"][0])
        cold = _cold(job, work) if job["ranked"] else None
    except WorkerError as error:
        return {"error": str(error)}
    times = searched["times_ms"]
    cost = {
        "build_s": built["build_s"],
        "build_mb": built["peak_mb"],
        "search_mb": searched["peak_mb"],
        "p50_ms": round(float(np.percentile(times, 50)), 2),
        "p95_ms": round(float(np.percentile(times, 95)), 2),
        "cold_s": cold,
        "size_mb": round(sum(p.stat().st_size for p in store.rglob("*") if p.is_file()) / 1024**2, 2),
    }
    shutil.rmtree(store, ignore_errors=True)
    return {
        "cost": cost,
        "failed": searched["failed"][:3],
        "total_s": round(time.perf_counter() - started, 1),
        "ranks": _ranks(corpus.questions, searched["rankings"]),
    }


def _cold(job: dict[str, Any], work: Path) -> float:
    times: list[float] = []
    while len(times) < COLD_RUNS:
        _, seconds = run_worker({**job, "questions": job["questions"][:1], "action": "cold"}, work)
        times.append(seconds)
        if seconds > COLD_ENOUGH_S:
            break
    return round(statistics.median(times), 3)


def _ranks(questions: dict[str, tuple[Asked, ...]], rankings: Sequence[Sequence[str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    rows = iter(rankings)
    for name, group in questions.items():
        ranked = {question.id: gold_ranks(next(rows), question.gold) for question in group}
        if any(question.gold for question in group):
            found[name] = {identifier: as_text(ranks) for identifier, ranks in ranked.items()}
    return found


def as_text(ranks: Ranks) -> str:
    """``[1, None, 4]`` → ``1 - 4``: one line a question in the stored results."""
    return " ".join("-" if rank is None else str(rank) for rank in ranks)


def of_text(text: str) -> Ranks:
    return [None if rank == "-" else int(rank) for rank in text.split()]


class WorkerError(Exception):
    """A measurement that failed, with what its process said of it."""


def run_worker(job: dict[str, Any], work: Path) -> tuple[dict[str, Any], float]:
    """The result of one job in a fresh process, and the seconds that the process took.

    Raises:
        WorkerError: it failed or died.
    """
    path, out = work / "job.json", work / "result.json"
    out.unlink(missing_ok=True)
    path.write_text(json.dumps({**job, "out": str(out)}, ensure_ascii=False), "utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "evals.bench.worker", str(path)]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "HF_HUB_OFFLINE": "1"}, check=False)
    seconds = time.perf_counter() - started
    if not out.exists():
        raise WorkerError(f"{job['action']} ended with status {done.returncode} and no result (out of memory?)")
    result: dict[str, Any] = json.loads(out.read_text("utf-8"))
    if "error" in result:
        raise WorkerError(f"{job['action']}: {result['error']}")
    return result, seconds


def line(first: tuple[float, float], sizes: Sequence[float]) -> list[float]:
    """``c · n log n`` through the point ``first`` = (n, y), at each of ``sizes``."""
    n, y = first
    scale = y / (n * math.log(n))
    return [scale * size * math.log(size) for size in sizes]
