"""A long run in parts, each kept as soon as it is done: a run that was cut off goes on after its last part.

The file has a JSON line for what the run is of, then one for each part. A run of anything else (other questions, index, settings or code) begins anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from evals.json_lines import appending, objects
from evals.questions import Question
from rag.types import Fingerprints

Keep = Callable[[str, Callable[[], Any]], Any]
"""Gives the part of this name: kept from before, or made now by the function. Parts are JSON values."""

_ROOT = Path(__file__).parent.parent
_CODE = ("rag/**/*", "ingest/**/*.py", "evals/**/*.py")
"""What decides an answer beside the index: code, word lists, models."""


def anew(name: str, make: Callable[[], Any]) -> Any:
    """Keeps nothing."""
    del name
    return make()


class Parts:
    """The parts in ``path`` that are of the run ``of``; called as a ``Keep``."""

    def __init__(self, path: Path, of: Mapping[str, Any], *, fresh: bool = False) -> None:
        """
        Args:
            fresh: take nothing from before.

        Raises:
            InvalidInput: the file cannot be read or written.
        """
        self.path = path
        kept = [values for _, values in objects(path)]
        is_ours = not fresh and bool(kept) and kept[0] == {"of": dict(of)}
        self._made = {values["part"]: values["made"] for values in kept[1:] if "part" in values} if is_ours else {}
        self._file = appending(path, anew=not is_ours)
        if not is_ours:
            self._write({"of": dict(of)})

    def __len__(self) -> int:
        """How many parts are kept."""
        return len(self._made)

    def __call__(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._made:
            line = self._write({"part": name, "made": make()})
            self._made[name] = json.loads(line)["made"]  # the same whether made now or read later
        return self._made[name]

    def close(self) -> None:
        self._file.close()

    def forget(self) -> None:
        """Delete the file: the run is whole, and written elsewhere."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _write(self, values: Mapping[str, Any]) -> str:
        line = json.dumps(values, ensure_ascii=False)
        self._file.write(line + "\n")
        self._file.flush()
        return line


def run_of(name: str, questions: Sequence[Question], fingerprints: Fingerprints, **more: str) -> dict[str, str]:
    """What tells one run from another; equal where going on gives what a whole run would."""
    asked = hashlib.sha256("\n".join(question.model_dump_json() for question in questions).encode()).hexdigest()[:16]
    return {"name": name, "questions": asked, "code": _code(), **fingerprints.model_dump(), **more}


@lru_cache(maxsize=1)
def _code() -> str:
    paths = sorted(path for pattern in _CODE for path in _ROOT.glob(pattern) if _counts(path))
    return _digest((path.relative_to(_ROOT).as_posix().encode(), path.read_bytes()) for path in paths)


def _counts(path: Path) -> bool:
    return path.is_file() and path.parent.name != "__pycache__"


def _digest(files: Iterable[tuple[bytes, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(b"%d %b\n%d\n" % (len(name), name, len(content)))
        digest.update(content)
    return digest.hexdigest()[:16]
