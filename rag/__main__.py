"""``python -m rag``: ask, search, verify, audit."""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rag.audit import as_text as report_text
from rag.bundle import read_bundle, write_bundle
from rag.errors import AigcLawError, InvalidInput
from rag.explanation import as_text as trace_text
from rag.pipeline import Assistant, open_assistant
from rag.settings import load_settings
from rag.support import support
from rag.support.nli import load_nli
from rag.text import printable
from rag.trace import Trace
from rag.types import Answer, Frozen, SearchResult

USAGE_ERROR = 2


def main(argv: list[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except AigcLawError as error:
        print(f"错误：{error}", file=sys.stderr)
        return USAGE_ERROR
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rag", description="就人工智能生成内容的著作权与侵权责任提问，回答附可核对的出处。"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    ask = commands.add_parser("ask", help="提问", description="提问，或以 --batch 逐行提问。")
    search = commands.add_parser("search", help="只检索，不作答", description="列出与问题最相关的段落。")
    for command, run in ((ask, _ask), (search, _search)):
        command.add_argument("question", nargs="?", metavar="QUESTION", help="问题（中文或英文）")
        command.add_argument(
            "--batch",
            type=Path,
            metavar="FILE.jsonl",
            help="每行一个 JSON：id、question，可选 as_of、history",
        )
        command.add_argument("--as-of", type=_date, metavar="YYYY-MM-DD", help="按这一天施行的法律（默认今天）")
        command.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹，默认 .index/ 或 AIGC_LAW_INDEX")
        command.add_argument("--json", action="store_true", help="输出 JSON")
        command.set_defaults(run=run)
    ask.add_argument("--explain", action="store_true", help="说明答案的由来：理解、检索、取舍、依据")
    ask.add_argument("--bundle", type=Path, metavar="FILE.json", help="把这一个问题的答案连同由来写成可再核查的文件")
    search.add_argument("-k", type=int, default=10, metavar="N", help="段落数，默认 10")
    verify = commands.add_parser(
        "verify", help="核对论断是否有来源支持", description="核对每行的 claim 是否有 sources 支持。"
    )
    verify.add_argument(
        "--batch", type=Path, required=True, metavar="FILE.jsonl", help="每行一个 JSON：id、claim、sources"
    )
    verify.set_defaults(run=_verify)
    audit = commands.add_parser(
        "audit",
        help="再核查以前的答案",
        description="对照现有索引，再核查由 ask --bundle 写出的答案。退出码：0 全部成立，1 有不再成立的，2 文件不可用。",
    )
    audit.add_argument("file", type=Path, metavar="FILE.json", help="核查包")
    audit.add_argument("--index", type=Path, metavar="DIR", help="索引文件夹，默认 .index/ 或 AIGC_LAW_INDEX")
    audit.add_argument("--json", action="store_true", help="输出 JSON")
    audit.set_defaults(run=_audit)
    return parser


class _Explained(Answer):
    """An answer with its trace, as ``--explain --json`` prints it."""

    trace: Trace


def _ask(arguments: argparse.Namespace) -> int:
    if arguments.bundle and arguments.batch:
        raise InvalidInput("--bundle 只用于单个问题。", next_step="去掉 --batch，或者逐个提问。")

    def reply(assistant: Assistant, line: dict[str, Any]) -> Answer:
        question, history, as_of = _text(line, "question"), _history(line), _as_of(line, arguments)
        identifier = _identifier(line)
        if arguments.bundle:
            bundle = assistant.audit_bundle(question, history=history, as_of=as_of, identifier=identifier)
            write_bundle(bundle, arguments.bundle)
            return _Explained(**dict(bundle.answer), trace=bundle.trace) if arguments.explain else bundle.answer
        if arguments.explain:
            answer, trace = assistant.explain(question, history=history, as_of=as_of, identifier=identifier)
            return _Explained(**dict(answer), trace=trace)
        return assistant.answer(question, history=history, as_of=as_of, identifier=identifier)

    settings = load_settings(index=arguments.index)
    plain = not (arguments.json or arguments.batch or arguments.explain or arguments.bundle)
    if settings.model and plain and arguments.question is not None:
        return _stream(open_assistant(settings), arguments)
    return _run(arguments, reply, lambda answer: _readable_answer(answer))  # type: ignore[arg-type]


def _stream(assistant: Assistant, arguments: argparse.Namespace) -> int:
    """A language model's answer as it is written, then where it stands."""
    for piece in assistant.stream(arguments.question, as_of=arguments.as_of):
        if isinstance(piece, str):
            print(printable(piece), end="", flush=True)
        else:
            print(_places(piece))
    return 0


def _audit(arguments: argparse.Namespace) -> int:
    bundle = read_bundle(arguments.file)
    report = open_assistant(load_settings(index=arguments.index)).audit(bundle)
    print(report.model_dump_json() if arguments.json else report_text(report))
    return 0 if report.holds else 1


def _search(arguments: argparse.Namespace) -> int:
    if arguments.k < 1:
        raise InvalidInput(f"-k 必须是正整数，收到 {arguments.k}。")

    def reply(assistant: Assistant, line: dict[str, Any]) -> SearchResult:
        return assistant.search(
            _text(line, "question"),
            k=arguments.k,
            as_of=_as_of(line, arguments),
            identifier=_identifier(line),
        )

    return _run(arguments, reply, lambda result: _readable_hits(result))  # type: ignore[arg-type]


def _run(
    arguments: argparse.Namespace,
    reply: Callable[[Assistant, dict[str, Any]], Frozen],
    readable: Callable[[Frozen], str],
) -> int:
    if (arguments.question is None) == (arguments.batch is None):
        raise InvalidInput("请给出一个问题，或用 --batch FILE.jsonl 给出一批问题，二者取其一。")
    assistant = open_assistant(load_settings(index=arguments.index))
    if arguments.batch is None:
        result = reply(assistant, {"question": arguments.question})
        print(result.model_dump_json() if arguments.json else readable(result))
        return 0
    return _batch(arguments.batch, lambda line: reply(assistant, line).model_dump(mode="json"))


def _verify(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    nli = load_nli(settings.nli, settings.nli_weights)

    def judge(line: dict[str, Any]) -> dict[str, Any]:
        sources = line.get("sources")
        if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
            raise InvalidInput("字段 sources 必须是字符串数组。", why=f"收到 {type(sources).__name__}")
        verdict = support(_text(line, "claim"), sources, nli)
        return verdict.model_dump(mode="json")

    return _batch(arguments.batch, judge)


def _batch(path: Path, reply: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """One JSON line out for each line in, in order; a line that cannot be answered yields its error, and exit code 2."""
    status = 0
    for number, line in _lines(path):
        try:
            record = _parsed(line)
            result = {**reply(record), "id": record.get("id")}
        except AigcLawError as error:
            status = USAGE_ERROR
            result = {
                "id": _id_of(line),
                "error": {"type": type(error).__name__, "message": f"第 {number} 行：{error}"},
            }
        print(printable(json.dumps(result, ensure_ascii=False)), flush=True)
    return status


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"无法读取 {path}。", why=str(error), next_step="检查路径；文件应为 UTF-8 的 JSON Lines。"
        ) from error
    yield from ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())


def _parsed(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("不是有效的 JSON。", why=str(error)) from error
    if not isinstance(record, dict):
        raise InvalidInput("每行应为一个 JSON 对象。", why=f"收到 {type(record).__name__}")
    return record


def _id_of(line: str) -> Any:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record.get("id") if isinstance(record, dict) else None


def _text(line: dict[str, Any], key: str) -> str:
    value = line.get(key)
    if not isinstance(value, str):
        raise InvalidInput(f"缺少文本字段 {key}。", why=f"收到 {value!r}")
    return value


def _identifier(line: dict[str, Any]) -> str | None:
    return None if line.get("id") is None else str(line["id"])


def _history(line: dict[str, Any]) -> list[tuple[str, str]]:
    turns = line.get("history") or []
    valid = isinstance(turns, list) and all(
        isinstance(turn, list) and len(turn) == 2 and all(isinstance(text, str) for text in turn) for turn in turns
    )
    if not valid:
        raise InvalidInput("字段 history 必须形如 [[提问, 回答], …]。", why=f"收到 {turns!r}"[:200])
    return [(turn[0], turn[1]) for turn in turns]


def _as_of(line: dict[str, Any], arguments: argparse.Namespace) -> dt.date | None:
    value = line.get("as_of")
    if value is None:
        return arguments.as_of  # type: ignore[no-any-return]
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"日期 as_of 有误：{value!r}。", why=str(error), next_step="写成 YYYY-MM-DD。") from error


def _date(value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"日期有误：{value!r}，请写成 YYYY-MM-DD") from None


def _readable_answer(answer: Answer) -> str:
    lines = [*(["不能回答。", ""] if answer.refused else []), answer.answer + _places(answer)]
    if isinstance(answer, _Explained):
        lines += ["", trace_text(answer.trace)]
    return "\n".join(lines)


def _places(answer: Answer) -> str:
    """Where the citations stand, a line each, after an empty one."""
    lines = ["", "", "出处"] if answer.citations else []
    for c in answer.citations:
        status = {"digest": "摘要", "official": "官方文本", "full_text": "全文"}[c.text_status]
        lines.append(f"[{c.n}] {c.label}（{status}，{c.document_id} {c.start}–{c.end}）")
    return "\n".join(lines)


def _readable_hits(result: SearchResult) -> str:
    lines = []
    for hit in result.hits:
        place = hit.article or hit.section or ""
        lines.append(f"{hit.rank:>2}. {hit.score:.3f}  {hit.title} {place}  [{hit.passage_id}]")
        lines.append("    " + hit.text.replace("\n", " ")[:100])
    return "\n".join(lines) or "没有找到相关段落。"


if __name__ == "__main__":
    sys.exit(main())
