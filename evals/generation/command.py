"""``python -m evals generation``: how much of what a language model gets wrong is marked."""

from __future__ import annotations

import argparse
from pathlib import Path

from evals.generation import outputs
from evals.generation.measure import as_table
from evals.generation.run import measured
from rag.settings import load_settings


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--outputs", type=Path, default=outputs.FILE, metavar="FILE.jsonl", help="照着写的模型输出")
    command.add_argument("--missed", action="store_true", help="列出没有标出的错句和被误标的对句")
    command.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹")
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    found = measured(outputs.read_outputs(arguments.outputs), load_settings(index=arguments.index))
    print(as_table(found))
    for entry in found if arguments.missed else ():
        if entry.warned == (entry.sentence.error is None):
            print(f"{entry.output.id}\t{entry.sentence.error or 'true'}\t{entry.sentence.text}")
    return 0
