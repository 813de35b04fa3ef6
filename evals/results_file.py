"""The stored results as types, for whoever shows them: runs of the suite, the benchmark, comparisons. Imports nothing that measures.

Keys that are not named here are ignored, so that a writer may add some.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from rag.errors import InvalidInput
from rag.types import Fingerprints

FOLDER = Path(__file__).parent / "results"
COMPARISONS = ("systems", "ablations", "interventions", "perturbations", "planted")
"""Files of rows that are compared, each of which may be there or not."""

_RUN = "运行：python -m evals run"
_BENCH = "运行：python -m evals bench"
_REPORT = "运行：python -m evals report"


class Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Figure(Stored):
    """A mean over ``n`` questions, with its 95 % interval where one was computed."""

    mean: float
    n: int
    low: float | None = None
    high: float | None = None


Summary = dict[str, Figure]
"""Measure → figure."""


class Refusals(Stored):
    """Refusing as detection, over all questions; ``refused`` and ``expected`` are counts."""

    precision: float
    recall: float
    refused: int
    expected: int


class QuestionResult(Stored):
    """One question's figures (None: the measure does not apply) and what it missed, as ``evals.run`` words it."""

    id: str
    category: str
    split: str
    refused: bool
    refusal_expected: bool
    error: str | None = None
    values: dict[str, float | None] = {}
    missed: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        return bool(self.error or self.missed)


class EvalResults(Stored):
    system: str
    fingerprints: Fingerprints
    n: int
    summary: Summary
    refusals: Refusals
    splits: dict[str, Summary]
    categories: dict[str, Summary]
    questions: tuple[QuestionResult, ...]


class BenchFigure(Figure):
    """``difference``: this system minus this project, paired on the same questions."""

    difference: Figure | None = None


class Cost(Stored):
    """Seconds, megabytes and milliseconds as in ``evals.bench.measure``."""

    build_s: float
    search_mb: float
    p50_ms: float
    p95_ms: float
    size_mb: float


class BenchRun(Stored):
    """One system on one corpus; no cost where it could not be built."""

    cost: Cost | None = None
    error: str | None = None


class QuestionSet(Stored):
    corpus: str
    n: int


class CorpusSize(Stored):
    documents: int
    articles: int
    fingerprint: str


class Machine(Stored):
    cores: int
    memory_gb: float
    system: str


class BenchResults(Stored):
    """``measures``: set of questions → system → measure; ``runs``: corpus → system."""

    machine: Machine
    corpora: dict[str, CorpusSize]
    questions: dict[str, QuestionSet]
    runs: dict[str, dict[str, BenchRun]]
    measures: dict[str, dict[str, dict[str, BenchFigure]]]


def _texts(found: object) -> object:
    """A reading may be stored as one text or as several."""
    if found is None:
        return ""
    return " ".join(found) if isinstance(found, list) and all(isinstance(part, str) for part in found) else found


Reading = Annotated[str, BeforeValidator(_texts)]


def _none_is_empty(found: object) -> object:
    return {} if found is None else found


class Row(Stored):
    """What is compared; without figures where it was not run."""

    name: str
    summary: Annotated[Summary, BeforeValidator(_none_is_empty)] = {}
    reading: Reading = ""


class Comparison(Stored):
    rows: tuple[Row, ...]
    reading: Reading = ""


_Model = TypeVar("_Model", bound=Stored)


def read_eval(folder: Path | None = None) -> EvalResults:
    """The last run of the suite.

    Raises:
        InvalidInput: there is none, or it is damaged; the message tells the command that makes one.
    """
    path = (folder or FOLDER) / "latest.json"
    found = _read(path, EvalResults, next_step=f"{_RUN}，再{_REPORT}")
    if found is None:
        raise InvalidInput("还没有评测结果。", why=f"没有 {path.name}", next_step=f"{_RUN}，再{_REPORT}")
    return found


def read_bench(folder: Path | None = None) -> BenchResults | None:
    """The benchmark; None where it was not run. Raises ``InvalidInput`` when damaged."""
    return _read((folder or FOLDER) / "bench.json", BenchResults, next_step=_BENCH)


def read_comparison(name: str, folder: Path | None = None) -> Comparison | None:
    """One of ``COMPARISONS``; None where it was not made. Raises ``InvalidInput`` when damaged."""
    return _read((folder or FOLDER) / f"{name}.json", Comparison, next_step=_REPORT)


def _read(path: Path, model: type[_Model], *, next_step: str) -> _Model | None:
    if not path.is_file():
        return None
    try:
        return model.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        why = str(error)
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            why = f"{where}: {first['msg']}" if where else first["msg"]
        raise InvalidInput(f"评测结果无法读取：{path.name}。", why=why, next_step=next_step) from error
