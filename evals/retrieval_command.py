"""``python -m evals retrieval``: the ranking alone."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from evals.questions import DEFAULT_QUESTIONS, read_questions
from evals.run import run_retrieval
from rag.pipeline import open_assistant
from rag.settings import load_settings


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--questions", type=Path, default=DEFAULT_QUESTIONS, metavar="FILE.jsonl", help="评测问题")
    command.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹")
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    assistant = open_assistant(load_settings(index=arguments.index))
    print(json.dumps(run_retrieval(read_questions(arguments.questions), assistant), ensure_ascii=False))
    return 0
