"""What the commands of the probes share: the questions, every Nth of them, an index, and a file of results."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evals.questions import DEFAULT_QUESTIONS, Question, read_questions
from evals.resume import Keep, Parts, run_of
from rag.pipeline import Assistant, open_assistant
from rag.settings import load_settings


def add_probe(command: argparse.ArgumentParser, out: Path, run: Callable[[argparse.Namespace], int]) -> None:
    """The arguments of a probe, which writes ``out`` where nothing else is said."""
    command.add_argument("--questions", type=Path, default=DEFAULT_QUESTIONS, metavar="FILE.jsonl", help="评测问题")
    command.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹")
    command.add_argument("--every", type=int, default=1, metavar="N", help="只用每第 N 道题：快，但区间更宽")
    command.add_argument("--out", type=Path, default=out, metavar="FILE.json", help=f"结果文件，默认 {out.name}")
    command.add_argument("--fresh", action="store_true", help="从头做，不接着上次中断的")
    command.set_defaults(run=run)


def opened(arguments: argparse.Namespace) -> tuple[list[Question], Assistant]:
    """What is asked, and who answers."""
    questions = read_questions(arguments.questions)[:: arguments.every]
    return questions, open_assistant(load_settings(index=arguments.index))


@contextmanager
def resumed(
    arguments: argparse.Namespace, questions: Sequence[Question], assistant: Assistant, **more: str
) -> Iterator[Keep]:
    """Keeps the parts of a probe beside its results until these are written; a run that was cut off says where it will go on."""
    path = arguments.out.with_name(f"{arguments.out.name}.tmp")
    parts = Parts(
        path, run_of(arguments.run.__module__, questions, assistant.fingerprints, **more), fresh=arguments.fresh
    )
    if parts:
        print(f"上次做完 {len(parts)} 部分，接着做：{path}")
    try:
        yield parts
    except BaseException:  # interrupted as well as failed
        parts.close()
        print(f"做完的 {len(parts)} 部分已存，再运行一次即接着做：{path}", file=sys.stderr)
        raise
    parts.forget()


def write(result: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
