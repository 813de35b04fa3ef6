"""``python -m evals bench``: retrieval beside other systems, and what it costs."""

from __future__ import annotations

import argparse
from pathlib import Path

from evals import report
from evals.bench import page
from evals.bench.run import Options, bench
from evals.bench.systems import chosen
from rag.settings import load_settings


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--laws", type=Path, metavar="DIR", help="法律文本文件夹；不给则只用随附的语料")
    command.add_argument(
        "--questions", type=Path, metavar="FILE.jsonl", help="问到这些法律的日常提问，与 --laws 一起给"
    )
    command.add_argument("--systems", metavar="A,B", help="只测这些系统，默认全部")
    command.add_argument("--fresh", action="store_true", help="已有结果的也重新测")
    command.add_argument("--slow", action="store_true", help="在大语料上要跑近一小时的系统也测")
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="结果文件夹；默认有 --laws 时 evals/results，否则 .bench"
    )
    command.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹")
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    out = arguments.out or (report.FOLDER if arguments.laws else Path(".bench"))
    options = Options(
        settings=load_settings(index=arguments.index),
        out=out,
        laws=arguments.laws,
        lay_questions=arguments.questions,
        systems=chosen(arguments.systems),
        fresh=arguments.fresh,
        slow=arguments.slow,
    )
    results = bench(options)
    print(page.summary(results))
    print(f"结果：{page.write(out)}")
    return 0
