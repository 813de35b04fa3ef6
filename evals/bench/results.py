"""The results of a run as JSON, and what tells one run from another: the machine, the code, the data."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evals.bench.systems import ENTRIES, OURS, Entry
from rag.errors import InvalidInput
from rag.settings import load_settings

FILE = "bench.json"
ROOT = Path(__file__).parents[2]
_OF_PEERS = ("peers.py", "spans.py", "worker.py", "corpora.py")
_OF_OURS = (
    "rag/**/*.py",
    "ingest/*.py",
    "rag/model/**/*.json",
    "rag/model/**/*.npz",
    "rag/model/**/*.safetensors",
    "rag/data/*",
)

Results = dict[str, Any]


def machine() -> dict[str, Any]:
    """What figures of time and memory depend on; nothing that names the machine or its user."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    packages = sorted({package for entry in ENTRIES for package in entry.packages} | {"ir-measures", "scipy"})
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(memory),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: found for name in packages if (found := _version(name))},
    }


def fingerprint(entry: Entry, data: str, hardware: dict[str, Any]) -> str:
    """Of a measurement: it changes with the data, the code and the machine, so that a stored one is known to be still valid."""
    here = {key: hardware[key] for key in ("cores", "memory_gb", "system", "python")}
    packages = {name: _version(name) for name in entry.packages}
    code = _code(ROOT, _OF_OURS) if entry.name == OURS else _code(Path(__file__).parent, _OF_PEERS)
    settings = load_settings().fingerprint if entry.name == OURS else ""
    parts = json.dumps([entry.name, data, here, packages, code, settings], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def _code(folder: Path, patterns: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package).partition("+")[0]
    except PackageNotFoundError:
        return None


def read_results(folder: Path) -> Results:
    """The stored results of a folder; empty ones where there are none.

    Raises:
        InvalidInput: the file is damaged.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        results: Results = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"基准结果无法读取：{path}。", why=str(error), next_step="运行：python -m evals bench --fresh"
        ) from error
    return results


def write_results(folder: Path, results: Results) -> None:
    """In one step, so that an interrupted run leaves what it had."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{FILE}.tmp"
    temporary.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    temporary.replace(folder / FILE)
