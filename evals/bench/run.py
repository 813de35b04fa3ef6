"""The whole benchmark: every system on every corpus, what is already measured kept, failures listed, results written after each step."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.bench import product
from evals.bench.corpora import Corpus, law_corpora, questions_fingerprint, shipped_corpus
from evals.bench.measure import WorkerError, measure, of_text, run_worker
from evals.bench.ranks import Values, summary, values_of
from evals.bench.results import ROOT, Results, fingerprint, machine, read_results, write_results
from evals.bench.systems import BY_NAME, ENTRIES, OURS, Entry
from rag.errors import InvalidInput
from rag.settings import Settings

_GUESSES = {OURS: 3.0, "langchain-minilm": 60.0, "langchain-minilm-articles": 60.0}
"""Seconds for 1,000 articles on a machine of two cores, as long as this run knows nothing better."""
_GUESS, _START = 4.0, 20.0
_QUIET = 0.5
"""Load average over which something else is at work: a busy core makes torch's threads wait for each other, up to forty times as long."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to run: ``laws`` and ``lay_questions`` come together or not at all; ``fresh`` measures again what is known, ``slow`` also what
    takes up to an hour."""

    settings: Settings
    out: Path
    laws: Path | None = None
    lay_questions: Path | None = None
    systems: tuple[Entry, ...] = ENTRIES
    fresh: bool = False
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    corpus: Corpus
    entry: Entry
    fingerprint: str


def bench(options: Options) -> Results:
    """Measure what is not known yet; the results are those of ``options.out``, brought up to date.

    Raises:
        InvalidInput: a file is missing, or stored results are damaged.
    """
    _check(options)
    hardware, load = machine(), round(os.getloadavg()[0], 2)
    if load > _QUIET:
        _say(f"另有程序在用这台机器（负载 {load}）：时间会偏大，MiniLM 尤甚。最好在空闲时再测。")
    results = {} if options.fresh else read_results(options.out)
    with tempfile.TemporaryDirectory(prefix="aigc-law-bench-") as folder:
        work = Path(folder)
        corpora = [shipped_corpus(ROOT, work)]
        if options.laws and options.lay_questions:
            corpora += law_corpora(options.laws, options.lay_questions, work)
        results = _current(results, corpora, hardware)
        steps = [
            step for step in plan(corpora, options.systems, hardware, slow=options.slow) if not _known(results, step)
        ]
        for number, step in enumerate(steps, start=1):
            _say(f"[{number}/{len(steps)}] {_name(step)}；预计还需 {remaining(steps[number - 1 :], results):.0f} 分钟")
            measured = {"fingerprint": step.fingerprint, "load": load} | measure(step.corpus, step.entry.name, work)
            results["runs"].setdefault(step.corpus.name, {})[step.entry.name] = measured
            _say(f"  {measured['error']}" if "error" in measured else f"  {measured['total_s']:.0f} 秒")
            write_results(options.out, results)
        for corpus in corpora:
            _hnsw(corpus, results, hardware, work)
    _say("启动、回答与入库 …")
    results["product"] = product.bench(options.settings)
    results["measures"] = measures(results)
    write_results(options.out, results)
    return results


def plan(
    corpora: Sequence[Corpus], systems: Sequence[Entry], hardware: dict[str, Any], *, slow: bool = False
) -> list[Step]:
    """Every system on every corpus with gold that is not too large for it, this project on the others, small corpora first."""
    return [
        Step(corpus, entry, fingerprint(entry, corpus_fingerprint(corpus), hardware))
        for corpus in sorted(corpora, key=lambda corpus: corpus.articles)
        for entry in systems
        if entry.name == OURS or (has_gold(corpus) and (slow or entry.most is None or corpus.articles <= entry.most))
    ]


def has_gold(corpus: Corpus) -> bool:
    return any(question.gold for question in corpus.asked)


def corpus_fingerprint(corpus: Corpus) -> str:
    """Of the documents and of what is asked of them."""
    parts = [corpus.fingerprint, *(questions_fingerprint(group) for group in corpus.questions.values())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def remaining(steps: Sequence[Step], results: Results) -> float:
    """Minutes that steps will take, by what this run has seen of each system, else by a guess."""
    seconds = 0.0
    for step in steps:
        seen = [
            (results["corpora"][corpus]["articles"], runs[step.entry.name]["total_s"])
            for corpus, runs in results["runs"].items()
            if "total_s" in runs.get(step.entry.name, {})
        ]
        if seen:
            articles, total = max(seen)
            seconds += max(total * step.corpus.articles / articles, _START)
        else:
            seconds += _START + _GUESSES.get(step.entry.name, _GUESS) * step.corpus.articles / 1000
    return seconds / 60


def measures(results: Results) -> dict[str, dict[str, Any]]:
    """Set of questions → system → measures, with the difference to this project where it was measured on the same questions."""
    found: dict[str, dict[str, Any]] = {}
    for name, described in results["questions"].items():
        runs = results["runs"].get(described["corpus"], {})
        values: dict[str, Values] = {
            system: values_of({question: of_text(text) for question, text in run["ranks"][name].items()})
            for system, run in runs.items()
            if name in run.get("ranks", {})
        }
        found[name] = {
            system: summary(figures, values[OURS] if system != OURS and OURS in values else None)
            for system, figures in values.items()
        }
    return found


def _current(results: Results, corpora: Sequence[Corpus], hardware: dict[str, Any]) -> Results:
    """Stored results without those of other data, code or another machine."""
    same = {key: results.get("machine", {}).get(key) for key in ("cores", "memory_gb", "system", "python")}
    if any(hardware[key] != value for key, value in same.items()):
        results = {}
    runs = dict(results.get("runs", {}))
    for corpus in corpora:
        stored = runs.get(corpus.name, {})
        valid = {name: fingerprint(BY_NAME[name], corpus_fingerprint(corpus), hardware) for name in BY_NAME}
        runs[corpus.name] = {
            name: run for name, run in stored.items() if run["fingerprint"] == valid.get(name) and "error" not in run
        }
    described = {
        c.name: {"documents": c.documents, "articles": c.articles, "fingerprint": c.fingerprint} for c in corpora
    }
    asked = {
        name: {"corpus": c.name, "n": len(group), "fingerprint": questions_fingerprint(group)}
        for c in corpora
        for name, group in c.questions.items()
        if any(question.gold for question in group)
    }
    return {
        "machine": hardware,
        "corpora": results.get("corpora", {}) | described,
        "questions": results.get("questions", {}) | asked,
        "runs": runs,
        "hnsw": dict(results.get("hnsw", {})),
    }


def _known(results: Results, step: Step) -> bool:
    return step.entry.name in results["runs"].get(step.corpus.name, {})


def _hnsw(corpus: Corpus, results: Results, hardware: dict[str, Any], work: Path) -> None:
    """Measure the approximate index on a corpus with gold, unless it is known."""
    if not has_gold(corpus):
        return
    entry = BY_NAME["chroma-dense"]
    code = hashlib.sha256((Path(__file__).parent / "hnsw.py").read_bytes()).hexdigest()
    print_of_it = fingerprint(entry, corpus_fingerprint(corpus) + code, hardware)
    if results["hnsw"].get(corpus.name, {}).get("fingerprint") == print_of_it:
        return
    _say(f"近似检索的查全率：{corpus.name} …")
    store = work / "store"
    shutil.rmtree(store, ignore_errors=True)
    job = {"action": "hnsw", "system": entry.name, "documents": str(corpus.folder), "store": str(store)}
    try:
        found, _ = run_worker({**job, "questions": [question.question for question in corpus.asked]}, work)
    except WorkerError as error:
        found = {"error": str(error)}
    results["hnsw"][corpus.name] = found if "error" in found else {"fingerprint": print_of_it} | found


def _check(options: Options) -> None:
    if (options.laws is None) != (options.lay_questions is None):
        raise InvalidInput("--laws 与 --questions 要一起给出。", next_step="补上另一个，或都不给。")
    for path in (options.laws, options.lay_questions):
        if path is not None and not path.exists():
            raise InvalidInput(f"路径不存在：{path}。", next_step="检查 --laws 与 --questions。")


def _name(step: Step) -> str:
    return f"{step.corpus.name}（{step.corpus.articles} 条）· {step.entry.name}"


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
