"""How fast the product is: cold start, warm answers, ingestion. Ratios and medians of one run on one machine."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from evals.questions import read_questions
from ingest.build import ingest
from rag.pipeline import open_assistant
from rag.settings import Settings

COLD_RUNS = 5
QUESTION = "广州奥特曼案里，平台为什么要承担赔偿责任？"
HEAVY = ("torch", "streamlit", "sentence_transformers", "transformers")

_IMPORTED = (
    "import sys; from rag.__main__ import main; main(['ask', {question!r}, '--index', {index!r}]); "
    "print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
)


def bench(settings: Settings) -> dict[str, Any]:
    """Seconds of a one-shot ``python -m rag ask``, what it imports, milliseconds of warm answers, seconds of a full ingestion."""
    command = [sys.executable, "-m", "rag", "ask", QUESTION, "--index", str(settings.index)]
    cold = [_timed(command) for _ in range(COLD_RUNS)]
    bare = [_timed([sys.executable, "-c", "import chromadb"]) for _ in range(COLD_RUNS)]
    return {
        "cold_s": {
            "median": _median(cold),
            "max": round(max(cold), 3),
            "import_chromadb_alone": _median(bare),
        },
        "heavy_imports": _heavy_imports(settings),
        "warm_ms": _warm(settings),
        "ingest_s": _ingest(),
    }


def _timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def _heavy_imports(settings: Settings) -> str:
    code = _IMPORTED.format(question=QUESTION, index=str(settings.index), heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stderr.strip().splitlines()[-1]


def _warm(settings: Settings) -> dict[str, float]:
    assistant = open_assistant(settings)
    questions = read_questions()
    assistant.answer(QUESTION)
    times = sorted(assistant.answer(q.question, history=q.history, as_of=q.as_of).timings_ms.total for q in questions)
    return {
        "n": len(times),
        "p50": times[len(times) // 2],
        "p95": times[int(len(times) * 0.95)],
        "max": times[-1],
    }


def _ingest() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(index=Path(folder) / "index")
        started = time.perf_counter()
        summary = ingest([Path("corpus")], settings)
        full = time.perf_counter() - started
        started = time.perf_counter()
        ingest([Path("corpus")], settings)
        again = time.perf_counter() - started
    return {"full": round(full, 2), "nothing_changed": round(again, 2), "passages": summary.passages}


def _median(times: list[float]) -> float:
    return round(statistics.median(times), 3)
