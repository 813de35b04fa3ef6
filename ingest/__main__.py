"""``python -m ingest``: bring the index up to date with a corpus; ``check``, ``official`` and ``scope`` tend the corpus itself."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from ingest.build import ingest
from ingest.sources import Summary
from rag.errors import AigcLawError
from rag.settings import load_settings


def main(argv: list[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else argv
    try:
        if words and words[0] in ("check", "official", "scope"):
            from ingest.commands import COMMANDS  # with httpx: only who asks for them pays for it

            return COMMANDS[words[0]](words[1:])
        arguments = _parser().parse_args(words)
        settings = load_settings(index=arguments.index)
        with tqdm(unit="段", desc="向量化", disable=arguments.json or None, leave=False) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            summary = ingest(arguments.paths, settings, rebuild=arguments.rebuild, progress=progress)
    except AigcLawError as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2
    print(json.dumps(asdict(summary), ensure_ascii=False) if arguments.json else _report(summary))
    return 1 if summary.refused and arguments.strict else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ingest",
        description="把语料读入索引；未改动的文件会跳过。",
        epilog="另有：python -m ingest check（检查语料）、official（导入官方全文）、scope（收录范围），各有 --help。",
    )
    parser.add_argument(
        "paths", nargs="*", type=Path, default=[Path("corpus")], metavar="PATH",
        help="文件或文件夹（递归读取 .md .txt .pdf .docx .html），默认 corpus/",
    )  # fmt: skip
    parser.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹，默认 .index/ 或 AIGC_LAW_INDEX")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出摘要")
    parser.add_argument("--strict", action="store_true", help="有文件被拒绝时以非零状态退出")
    parser.add_argument("--rebuild", action="store_true", help="丢弃原索引，全部重建")
    return parser


def _report(summary: Summary) -> str:
    lines = [
        f"索引 {summary.index}：{summary.documents} 份文档，{summary.passages} 个段落。",
        f"新增 {len(summary.added)}，更新 {len(summary.changed)}，移除 {len(summary.removed)}，"
        f"未变 {summary.unchanged}，拒绝 {len(summary.refused)}。",
    ]
    for name, ids in (("新增", summary.added), ("更新", summary.changed), ("移除", summary.removed)):
        if ids:
            lines.append(f"{name}：{'、'.join(ids[:10])}{' 等' if len(ids) > 10 else ''}")
    lines.extend(f"拒绝 {refused.path}\n  {refused.reason}" for refused in summary.refused)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
