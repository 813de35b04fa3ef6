"""``python -m evals``: run the suite, measure retrieval, write the results page, time the product."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from evals.bench import bench
from evals.questions import DEFAULT_QUESTIONS, read_questions
from evals.report import LATEST, PAGE, check, write_page
from evals.run import run, run_retrieval
from rag.errors import AigcLawError
from rag.pipeline import open_assistant
from rag.settings import load_settings


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
    suite = commands.add_parser("run", help="运行评测")
    suite.add_argument("--out", type=Path, default=LATEST, metavar="FILE.json", help=f"结果文件，默认 {LATEST.name}")
    suite.set_defaults(run=_run)
    retrieval = commands.add_parser("retrieval", help="只评测检索")
    retrieval.set_defaults(run=_retrieval)
    for command in (suite, retrieval):
        command.add_argument("--questions", type=Path, default=DEFAULT_QUESTIONS, metavar="FILE.jsonl", help="评测问题")
    report = commands.add_parser("report", help="由结果生成页面")
    report.add_argument("--check", action="store_true", help="页面与结果不一致时以非零状态退出")
    report.set_defaults(run=_report)
    timing = commands.add_parser("bench", help="启动、回答与入库的速度")
    timing.set_defaults(run=_bench)
    for command in (suite, retrieval, timing):
        command.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    questions = read_questions(arguments.questions)
    result = run(questions, open_assistant(load_settings(index=arguments.index)))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for name, figures in result["summary"].items():
        print(f"{name:20} {figures['mean']:.3f}  [{figures['low']:.3f}, {figures['high']:.3f}]  n={figures['n']}")
    print(f"refusal precision    {result['refusals']['precision']:.3f}  recall {result['refusals']['recall']:.3f}")
    print(f"结果：{arguments.out}")
    return 0


def _retrieval(arguments: argparse.Namespace) -> int:
    assistant = open_assistant(load_settings(index=arguments.index))
    print(json.dumps(run_retrieval(read_questions(arguments.questions), assistant), ensure_ascii=False))
    return 0


def _report(arguments: argparse.Namespace) -> int:
    if arguments.check:
        check()
        print(f"{PAGE.name} 与 {LATEST.name} 一致。")
    else:
        write_page()
        print(f"已生成 {PAGE}")
    return 0


def _bench(arguments: argparse.Namespace) -> int:
    print(json.dumps(bench(load_settings(index=arguments.index)), ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
