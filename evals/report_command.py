"""``python -m evals report``: the suite's page, and those of the benchmark, of all systems and of the second readers where they were made."""

from __future__ import annotations

import argparse

from evals import report
from evals.bench import page
from evals.bench.results import FILE
from evals.readers import page as readers_page
from evals.systems import page as side_by_side


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--check", action="store_true", help="页面与结果不一致时以非零状态退出")
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
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
