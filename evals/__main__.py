"""``python -m evals``: run the suite, measure retrieval, write the results page, time the product, check a model's errors."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from evals import ablations, gate_command, interventions, perturb, planted, report, reviewed, run_command
from evals.bench import page
from evals.bench.results import FILE
from evals.bench.systems import chosen
from evals.generation import outputs
from evals.generation.measure import as_table
from evals.generation.run import measured
from evals.judge import command as judge
from evals.questions import DEFAULT_QUESTIONS, read_questions
from evals.readers import command as readers
from evals.readers import page as readers_page
from evals.run import run_retrieval
from evals.systems import compare, score
from evals.systems import page as side_by_side
from rag.errors import AigcLawError
from rag.pipeline import open_assistant
from rag.settings import load_settings

PARTS = (
    run_command,
    gate_command,
    score,
    compare,
    judge,
    readers,
    interventions,
    perturb,
    ablations,
    planted,
    reviewed,
)
"""Modules that bring a command of their own."""


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except AigcLawError as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description="评测：引文、依据、拒答、检索与速度。")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    retrieval = commands.add_parser("retrieval", help="只评测检索")
    retrieval.set_defaults(run=_retrieval)
    retrieval.add_argument("--questions", type=Path, default=DEFAULT_QUESTIONS, metavar="FILE.jsonl", help="评测问题")
    pages = commands.add_parser("report", help="由结果生成页面")
    pages.add_argument("--check", action="store_true", help="页面与结果不一致时以非零状态退出")
    pages.set_defaults(run=_report)
    bench = commands.add_parser("bench", help="与其他检索方案并排比较，并测速度与开销")
    bench.add_argument("--laws", type=Path, metavar="DIR", help="法律文本文件夹；不给则只用随附的语料")
    bench.add_argument("--questions", type=Path, metavar="FILE.jsonl", help="问到这些法律的日常提问，与 --laws 一起给")
    bench.add_argument("--systems", metavar="A,B", help="只测这些系统，默认全部")
    bench.add_argument("--fresh", action="store_true", help="已有结果的也重新测")
    bench.add_argument("--slow", action="store_true", help="在大语料上要跑近一小时的系统也测")
    bench.add_argument(
        "--out", type=Path, metavar="DIR", help="结果文件夹；默认有 --laws 时 evals/results，否则 .bench"
    )
    bench.set_defaults(run=_bench)
    generation = commands.add_parser("generation", help="语言模型写错的句子有多少被标出，写对的有多少被误标")
    generation.add_argument("--outputs", type=Path, default=outputs.FILE, metavar="FILE.jsonl", help="照着写的模型输出")
    generation.add_argument("--missed", action="store_true", help="列出没有标出的错句和被误标的对句")
    generation.set_defaults(run=_generation)
    for part in PARTS:
        part.add_parser(commands)
    for command in (retrieval, bench, generation):
        command.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹")
    return parser


def _retrieval(arguments: argparse.Namespace) -> int:
    assistant = open_assistant(load_settings(index=arguments.index))
    print(json.dumps(run_retrieval(read_questions(arguments.questions), assistant), ensure_ascii=False))
    return 0


def _generation(arguments: argparse.Namespace) -> int:
    found = measured(outputs.read_outputs(arguments.outputs), load_settings(index=arguments.index))
    print(as_table(found))
    for entry in found if arguments.missed else ():
        if entry.warned == (entry.sentence.error is None):
            print(f"{entry.output.id}\t{entry.sentence.error or 'true'}\t{entry.sentence.text}")
    return 0


def _report(arguments: argparse.Namespace) -> int:
    """The suite's page, and those of the benchmark, of all systems and of the second readers where they were made."""
    folder = report.LATEST.parent
    if arguments.check:
        report.check()
        print(f"{report.PAGE.name} 与 {report.LATEST.name} 一致。")
    else:
        report.write_page()
        print(f"已生成 {report.PAGE}")
    for name, other in ((FILE, page), (side_by_side.FILE, side_by_side), (readers_page.FILE, readers_page)):
        if not (folder / name).exists():
            continue
        if arguments.check:
            other.check(folder)
            print(f"{other.PAGE} 与 {name} 一致。")
        else:
            print(f"已生成 {other.write(folder)}")
    return 0


def _bench(arguments: argparse.Namespace) -> int:
    from evals.bench.run import Options, bench  # with scipy and the reading of documents: only who asks pays for it

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


if __name__ == "__main__":
    sys.exit(main())
