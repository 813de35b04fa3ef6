"""All systems that can be run, over the same questions and by the same measures, into one file of results."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.questions import DEFAULT_QUESTIONS, Question, read_questions
from evals.run import run
from evals.systems.registry import BY_NAME, ENTRIES, Entry, named
from rag.errors import InvalidInput, ModelUnavailable
from rag.pipeline import open_assistant
from rag.settings import Settings, load_settings
from rag.types import Fingerprints

RESULTS = Path(__file__).parents[1] / "results" / "systems.json"
SHOWN = ("citation_recall", "citation_precision", "fact_recall", "recall@5", "latency_ms")
_ONLY_SHOWS = "没有语言模型时，只能照原样给出找到的文字。"
_WRITES = frozenset({"langchain-quickstart", "langchain-articles", "langchain-our-embedder", "bm25"})
"""Systems that write where there is a chat model."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--systems", metavar="A,B", help=f"只测这些，默认全部：{'、'.join(BY_NAME)}")
    command.add_argument("--questions", type=Path, default=DEFAULT_QUESTIONS, metavar="FILE.jsonl", help="评测问题")
    command.add_argument(
        "--out", type=Path, default=RESULTS, metavar="FILE.json", help=f"结果文件，默认 {RESULTS.name}"
    )
    command.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹")
    command.set_defaults(run=_command)


def compare(questions: Sequence[Question], entries: Sequence[Entry], settings: Settings) -> dict[str, Any]:
    """A row a system, in the order given. What cannot be run has no summary, and its note says why: that is no score of zero."""
    fingerprints = open_assistant(settings.model_copy(update={"model": ""})).fingerprints
    return {
        "rows": [_row(questions, entry, settings, fingerprints) for entry in entries],
        "fingerprints": fingerprints.model_dump(),
        "model": settings.model or None,
        "n": len(questions),
    }


def _row(questions: Sequence[Question], entry: Entry, settings: Settings, fingerprints: Fingerprints) -> dict[str, Any]:
    row: dict[str, Any] = {"id": entry.name, "name": entry.name, "description": entry.description}
    try:
        system = named(entry.name, settings)
    except ModelUnavailable as error:
        return row | {"summary": None, "refusals": None, "crashed": [], "note": f"没有测：{error}"}
    result = run(questions, system, fingerprints=fingerprints)
    return row | {
        "name": system.name,
        "summary": result["summary"],
        "refusals": result["refusals"],
        "crashed": [question["id"] for question in result["questions"] if question["error"]],
        "note": _ONLY_SHOWS if entry.name in _WRITES and not settings.model else "",
    }


def table(result: dict[str, Any]) -> str:
    """For the terminal: a line a system."""
    lines = [f"{'':44}" + "".join(f"{name:>20}" for name in (*SHOWN, "refusals P/R"))]
    for row in result["rows"]:
        if row["summary"] is None:
            lines.append(f"{row['name']:44}{row['note']}")
            continue
        figures = [row["summary"].get(name) for name in SHOWN]
        shown = [f"{figure['mean']:.3f} (n={figure['n']})" if figure else "–" for figure in figures]
        refused = row["refusals"]
        precision = f"{refused['precision']:.2f}" if refused["refused"] else "–"
        refusals = f"{precision}/{refused['recall']:.2f}"
        lines.append(f"{row['name']:44}" + "".join(f"{text:>20}" for text in (*shown, refusals)))
    return "\n".join(lines)


def chosen(names: str | None) -> tuple[Entry, ...]:
    """The systems of a comma-separated list, in the order of the registry; all without one.

    Raises:
        InvalidInput: a name is unknown, or there is none.
    """
    if names is None:
        return ENTRIES
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    if unknown := sorted(wanted - BY_NAME.keys()) or (["（空）"] if not wanted else []):
        raise InvalidInput(f"不认识的系统：{'、'.join(unknown)}。", next_step=f"可用的有：{'、'.join(BY_NAME)}。")
    return tuple(entry for entry in ENTRIES if entry.name in wanted)


def _command(arguments: argparse.Namespace) -> int:
    entries = chosen(arguments.systems)
    questions = read_questions(arguments.questions)
    result = compare(questions, entries, load_settings(index=arguments.index))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(table(result))
    print(f"结果：{arguments.out}")
    return 0
