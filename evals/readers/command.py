"""``python -m evals readers``: count how far the second readers agree."""

from __future__ import annotations

import argparse
from pathlib import Path

from evals.judge.cases import read_labelled
from evals.questions import read_questions
from evals.readers import page
from evals.readers.agreement import LABELS, READINGS, Label, Reading, compare, read

_FOLDER = Path(__file__).parents[1] / "results"


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, default=_FOLDER, metavar="DIR", help="结果文件夹")
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    questions = {question.id: question for question in read_questions()}
    found = compare(questions, read(READINGS, Reading), read_labelled(), read(LABELS, Label))
    (arguments.out / page.FILE).write_text(found.model_dump_json(indent=1) + "\n", "utf-8")
    print(page.render(found))
    print(f"结果：{page.write(arguments.out)}")
    return 0
