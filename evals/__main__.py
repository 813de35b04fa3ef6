"""``python -m evals``: run the suite, measure retrieval, write the results page, time the product, check a model's errors."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "retrieval": ("evals.retrieval_command", "只评测检索"),
    "report": ("evals.report_command", "由结果生成页面"),
    "bench": ("evals.bench.command", "与其他检索方案并排比较，并测速度与开销"),
    "generation": ("evals.generation.command", "语言模型写错的句子有多少被标出，写对的有多少被误标"),
    "run": ("evals.run_command", "运行评测"),
    "gate": ("evals.gate_command", "最近一次评测比基线差时以非零状态退出"),
    "score": ("evals.systems.score", "给任何系统的答案评分"),
    "systems": ("evals.systems.compare", "同一批问题上，本项目与对照系统并排评测"),
    "judge": ("evals.judge.command", "用语言模型评判答案；先测它与人工标注是否一致"),
    "readers": ("evals.readers.command", "第二读者与标准答案、标注的一致程度"),
    "interventions": ("evals.interventions", "拿掉或改动所引来源再问一次，看回答是否随之改变"),
    "perturb": ("evals.perturb", "改动问法（错字、繁体、客套、语序……），看回答是否稳定"),
    "ablations": ("evals.ablations", "逐一关掉一个部件，看各项指标差多少"),
    "planted": ("evals.planted", "故意弄坏系统，看评测是否变红"),
    "reviewed": ("evals.reviewed", "记下各来源现在的文字：改过的来源，其评测问题已经重新看过"),
}
"""Command → the module with its ``add_arguments``, imported only when the command is asked for, and what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else argv
    arguments = _parser(words).parse_args(words)
    return int(import_module("evals.perform").perform(arguments))


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of all commands, with the arguments of the one that ``words`` ask for."""
    parser = argparse.ArgumentParser(prog="python -m evals", description="评测：引文、依据、拒答、检索与速度。")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, what) in COMMANDS.items():
        command = commands.add_parser(name, help=what)
        if name in words[:1]:
            import_module(module).add_arguments(command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
