"""``python -m evals.bench.worker JOB.json``: one measurement in a process of its own, so that its memory and start are its own.

A job names an action, a system, its store and a file for the result; see ``ACTIONS``. What goes wrong is written as ``error``.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evals.bench import DEPTH

Job = dict[str, Any]

SHOWN = 10
"""Articles that a timed search returns."""
_QUIET = {
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TQDM_MININTERVAL": "1",
    "PYTHONWARNINGS": "ignore",
}


def main(path: str) -> int:
    job: Job = json.loads(Path(path).read_text("utf-8"))
    try:
        result = ACTIONS[job["action"]](job)
    except Exception as error:  # a peer may fail in any way; the run goes on and lists it
        result = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
    Path(job["out"]).write_text(json.dumps(result, ensure_ascii=False), "utf-8")
    return 1 if "error" in result else 0


def build(job: Job) -> dict[str, Any]:
    """Seconds from the files of a folder to a finished index, and the memory that took."""
    from tqdm import tqdm

    from evals.bench.systems import make

    started = time.perf_counter()
    with tqdm(unit="段", desc=f"{job['corpus']} {job['system']}", disable=None, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        make(job["system"], Path(job["store"])).build(Path(job["documents"]), progress)
    return {"build_s": round(time.perf_counter() - started, 3), "peak_mb": peak_mb()}


def search(job: Job) -> dict[str, Any]:
    """Milliseconds of every question for ``SHOWN`` articles, then its ranking to ``DEPTH``; a question that fails ranks nothing."""
    from evals.bench.systems import make

    system = make(job["system"], Path(job["store"]))
    system.search(job["questions"][0], SHOWN)
    times, rankings, failed = [], [], []
    for question in job["questions"]:
        started = time.perf_counter()
        try:
            system.search(question, SHOWN)
            times.append((time.perf_counter() - started) * 1000)
            rankings.append(system.search(question, DEPTH) if job["ranked"] else [])
        except Exception as error:  # counted, and worth nothing, as a user would find it
            rankings.append([])
            failed.append(f"{type(error).__name__}: {error}".splitlines()[0][:300])
    return {"times_ms": times, "rankings": rankings, "failed": failed, "peak_mb": peak_mb()}


def cold(job: Job) -> dict[str, Any]:
    """Open and answer one question; whoever starts the process takes the time."""
    from evals.bench.systems import make

    found = make(job["system"], Path(job["store"])).search(job["questions"][0], SHOWN)
    return {"found": len(found)}


def hnsw(job: Job) -> dict[str, Any]:
    """How much of an exact search Chroma's approximate one finds; see ``evals.bench.hnsw``."""
    from evals.bench.hnsw import recall_of_hnsw

    return recall_of_hnsw(Path(job["documents"]), Path(job["store"]), job["questions"])


ACTIONS: dict[str, Callable[[Job], dict[str, Any]]] = {"build": build, "search": search, "cold": cold, "hnsw": hnsw}


def peak_mb() -> float:
    """Highest resident memory of this process so far.

    Linux counts ``ru_maxrss`` over exec, so that a child is never under its parent; ``VmHWM`` begins with the program itself.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(highest / (1024**2 if sys.platform == "darwin" else 1024), 1)


if __name__ == "__main__":
    os.environ.update(_QUIET)
    sys.exit(main(sys.argv[1]))
