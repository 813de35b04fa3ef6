"""``python -m evals score ANSWERS.jsonl``: any system, by the answers it gave."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from evals.questions import DEFAULT_QUESTIONS, read_questions
from evals.run import run
from evals.stored import write_run
from evals.systems.recorded import Recorded
from rag.pipeline import Assistant, open_assistant
from rag.settings import load_settings

_SHOWN_IDS = 20


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("answers", type=Path, metavar="ANSWERS.jsonl", help="每行一个答案 JSON，id 为题号")
    command.add_argument("--questions", type=Path, default=DEFAULT_QUESTIONS, metavar="FILE.jsonl", help="评测问题")
    command.add_argument("--out", type=Path, metavar="FILE.json", help="结果文件；不给则只打印")
    command.add_argument("--index", type=Path, metavar="DIR", help="引文所指的索引文件夹")
    command.set_defaults(run=_command)


def _command(arguments: argparse.Namespace) -> int:
    assistant = _assistant(arguments)
    system = Recorded(arguments.answers, assistant)
    questions = read_questions(arguments.questions)
    missing, unknown = system.missing(questions), system.unknown(questions)
    result = run(questions, system, fingerprints=assistant.fingerprints)
    result |= {"missing": missing, "unknown": unknown}
    print_summary(result)
    if missing:
        print(f"没有答的 {len(missing)} 题按 0 分计：{_listed(missing)}")
    if unknown:
        print(f"不是评测题的 {len(unknown)} 条答案没有计入：{_listed(unknown)}")
    if arguments.out:
        write_run(result, arguments.out)
        print(f"结果：{arguments.out}")
    return 0


def print_summary(result: dict[str, Any]) -> None:
    for name, figures in result["summary"].items():
        print(f"{name:20} {figures['mean']:.3f}  [{figures['low']:.3f}, {figures['high']:.3f}]  n={figures['n']}")
    print(f"refusal precision    {result['refusals']['precision']:.3f}  recall {result['refusals']['recall']:.3f}")


def _assistant(arguments: argparse.Namespace) -> Assistant:
    settings = load_settings(index=arguments.index)
    return open_assistant(settings.model_copy(update={"model": ""}))


def _listed(ids: list[str]) -> str:
    return "、".join(ids[:_SHOWN_IDS]) + ("……" if len(ids) > _SHOWN_IDS else "")
