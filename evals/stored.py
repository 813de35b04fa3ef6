"""Runs as files: a question on each line, so that a change of one is a change of one line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.measures import Outcome
from rag.errors import InvalidInput

_SLIM = ("system", "fingerprints", "commit", "n", "summary", "refusals")


def write_run(result: Mapping[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_json(result), "utf-8")


def as_json(result: Mapping[str, Any]) -> str:
    """The run as JSON; measures that do not apply to a question are left out."""
    head = json.dumps({k: v for k, v in result.items() if k != "questions"}, ensure_ascii=False, indent=1)
    lines = [json.dumps(_compact(question), ensure_ascii=False) for question in result["questions"]]
    return head.removesuffix("\n}") + ',\n "questions": [\n  ' + ",\n  ".join(lines) + "\n ]\n}\n"


def _compact(question: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: round(value, 4) for name, value in question["values"].items() if value is not None}
    return {**question, "values": values}


def slim(result: Mapping[str, Any], leave_out: Sequence[str]) -> dict[str, Any]:
    """What a later run is compared with: totals, and each question's figures but those of ``leave_out``."""
    questions = []
    for question in result["questions"]:
        values = {name: value for name, value in question["values"].items() if name not in leave_out}
        kept = {name: question[name] for name in ("id", "category", "split", "refused", "refusal_expected", "error")}
        questions.append(kept | {"values": values})
    return {name: result.get(name) for name in _SLIM} | {"questions": questions}


def read_run(path: Path, *, next_step: str = "运行：python -m evals run") -> dict[str, Any]:
    """
    Raises:
        InvalidInput: there is no such run, or it is damaged; the message names the command that makes one.
    """
    try:
        result: dict[str, Any] = json.loads(path.read_text("utf-8"))
        outcomes(result)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = str(error) if isinstance(error, OSError | ValueError) else "不是评测结果"
        raise InvalidInput(f"没有可用的评测结果：{path}。", why=why, next_step=next_step) from error
    return result


def outcomes(result: Mapping[str, Any]) -> list[Outcome]:
    """The questions of a stored run."""
    return [
        Outcome(
            question["id"],
            question["category"],
            question["split"],
            question["refused"],
            question["refusal_expected"],
            question["error"],
            dict(question["values"]),
        )
        for question in result["questions"]
    ]
