"""``python -m ui complaints``: what readers reported, for the operator to read, handle and export."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rag import AigcLawError, load_settings
from ui.keep import Report, Reports, keep_file, open_database, write_jsonl

_KINDS = {"complaint": "投诉", "correction": "更正", "feedback": "评价"}
_VOTES = {"up": "👍", "down": "👎"}


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        reports = Reports(open_database(keep_file(load_settings(keep=options.keep))))
        if options.handle:
            reports.handle(*options.handle)
        found = reports.all(unhandled=options.open)
        if options.export:
            write_jsonl(found, options.export)
            print(f"已导出 {len(found)} 条：{options.export}")
        elif not options.handle:
            print("\n".join(_line(report) for report in found) or "没有记录。")
    except AigcLawError as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2
    return 0


def _line(report: Report) -> str:
    what = report.topic or _VOTES.get(report.vote or "", "")
    state = f"已处理：{report.outcome}" if report.handled else "未处理"
    text = " ".join(report.text.split())
    return f"{report.at:%Y-%m-%d %H:%M} {report.id} {_KINDS[report.kind]} {what}｜{text[:60]}｜{state}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ui complaints", description="使用者的投诉、更正和评价：查看、处理、导出。"
    )
    parser.add_argument("--open", action="store_true", help="只看未处理的")
    parser.add_argument(
        "--export", type=Path, metavar="FILE", help="导出为 JSONL，每行一条，附回答和核查包；含个人信息，注意保管"
    )
    parser.add_argument("--handle", nargs=2, metavar=("ID", "RESULT"), help="记下一条的处理结果，提交者能看到")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="所在文件夹，默认 AIGC_LAW_KEEP 或用户数据文件夹")
    return parser
