"""``python -m evals score ANSWERS.jsonl``: any system, by the answers it gave; and any system behind an address, for ``run --endpoint``."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path
from typing import Any

from evals.questions import DEFAULT_QUESTIONS, read_questions
from evals.run import run
from evals.systems.endpoint import Endpoint
from evals.systems.recorded import Recorded
from rag.errors import InvalidInput
from rag.pipeline import Assistant, open_assistant
from rag.settings import load_settings

_SHOWN_IDS = 20
WORKERS = 4


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("score", help="给任何系统的答案评分")
    parser.add_argument("answers", type=Path, metavar="ANSWERS.jsonl", help="每行一个答案 JSON，id 为题号")
    parser.add_argument("--questions", type=Path, default=DEFAULT_QUESTIONS, metavar="FILE.jsonl", help="评测问题")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="结果文件；不给则只打印")
    parser.add_argument("--index", type=Path, metavar="DIR", help="引文所指的索引文件夹")
    parser.set_defaults(run=_command)


def add_endpoint(parser: argparse.ArgumentParser) -> None:
    """The options of ``run`` that put a system behind an address in the place of ours."""
    parser.add_argument("--endpoint", metavar="URL", help="评测这个地址上的系统：POST 问题，返回答案 JSON")
    parser.add_argument("--workers", type=int, default=WORKERS, metavar="N", help=f"同时问几题，默认 {WORKERS}")
    parser.add_argument("--per-minute", type=float, metavar="N", help="每分钟最多问几次，默认不限")


def run_endpoint(arguments: argparse.Namespace) -> dict[str, Any]:
    """The report of a system behind ``arguments.endpoint``.

    Raises:
        InvalidInput: the address or a number is malformed.
    """
    if arguments.workers < 1 or (arguments.per_minute is not None and arguments.per_minute <= 0):
        raise InvalidInput("--workers 和 --per-minute 须为正数。")
    assistant = _assistant(arguments)
    with closing(Endpoint(arguments.endpoint, assistant, per_minute=arguments.per_minute)) as system:
        return run(
            read_questions(arguments.questions),
            system,
            workers=arguments.workers,
            fingerprints=assistant.fingerprints,
        )


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
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
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
