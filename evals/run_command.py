"""``python -m evals run``: any system over the questions, kept as it goes where it is asked to."""

from __future__ import annotations

import argparse
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from evals import report
from evals.questions import DEFAULT_QUESTIONS, read_questions
from evals.run import run
from evals.stored import write_run
from evals.systems import score
from evals.systems.endpoint import Endpoint
from evals.systems.kept import Kept, Paced, turns
from evals.systems.ours import Ours
from evals.systems.protocol import System
from evals.systems.registry import BY_NAME, named
from rag.errors import InvalidInput
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings, load_settings

WORKERS = 4
"""Questions asked at the same time of what waits for a model or a network; extractive answers use all cores one by one."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--questions", type=Path, default=DEFAULT_QUESTIONS, metavar="FILE.jsonl", help="评测问题")
    command.add_argument(
        "--out", type=Path, default=report.LATEST, metavar="FILE.json", help=f"结果文件，默认 {report.LATEST.name}"
    )
    command.add_argument("--system", metavar="NAME", help=f"评测哪个系统，默认本项目（按设置）：{'、'.join(BY_NAME)}")
    command.add_argument("--endpoint", metavar="URL", help="评测这个地址上的系统：POST 问题，返回答案 JSON")
    command.add_argument(
        "--answers", type=Path, metavar="FILE.jsonl", help="答案随到随存；文件已有的答案不再问，中断后可接着跑"
    )
    command.add_argument("--workers", type=int, metavar="N", help=f"同时问几题；用模型或网络时默认 {WORKERS}，否则 1")
    command.add_argument("--per-minute", type=float, metavar="N", help="每分钟最多问几次，默认不限")
    command.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹")
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    result = measured(arguments)
    write_run(result, arguments.out)
    score.print_summary(result)
    print(f"用时 {result['seconds']:.0f} 秒。结果：{arguments.out}")
    return 0


def measured(arguments: argparse.Namespace) -> dict[str, Any]:
    """The report of the system that ``arguments`` name.

    Raises:
        InvalidInput: arguments contradict each other, or the kept answers are of something else.
    """
    _check(arguments)
    settings = load_settings(index=arguments.index)
    questions = read_questions(arguments.questions)
    assistant = open_assistant(settings.model_copy(update={"model": ""}))
    with ExitStack() as open_things:
        system = _system(arguments, settings, assistant, open_things)
        fingerprints = system.assistant.fingerprints if isinstance(system, Ours) else assistant.fingerprints
        turn = turns(arguments.per_minute) if arguments.per_minute and not arguments.endpoint else None
        if arguments.answers:
            own = fingerprints if isinstance(system, Ours) else None
            system = open_things.enter_context(closing(Kept(system, arguments.answers, own, turn)))
            print(f"已有 {len(system)} 个答案：{arguments.answers}")
        elif turn:
            system = Paced(system, turn)
        waits = arguments.endpoint or settings.model
        return run(questions, system, workers=arguments.workers or (WORKERS if waits else 1), fingerprints=fingerprints)


def _check(arguments: argparse.Namespace) -> None:
    if (arguments.workers is not None and arguments.workers < 1) or (
        arguments.per_minute is not None and arguments.per_minute <= 0
    ):
        raise InvalidInput("--workers 和 --per-minute 须为正数。")
    if arguments.endpoint and arguments.system:
        raise InvalidInput("--system 和 --endpoint 只能给一个。")


def _system(arguments: argparse.Namespace, settings: Settings, assistant: Assistant, open_things: ExitStack) -> System:
    """``assistant``: whose index the citations of an endpoint point into."""
    if arguments.endpoint:
        endpoint = Endpoint(arguments.endpoint, assistant, per_minute=arguments.per_minute)
        return open_things.enter_context(closing(endpoint))
    return named(arguments.system, settings) if arguments.system else Ours(open_assistant(settings))
