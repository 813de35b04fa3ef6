"""``python -m ingest check``, ``official`` and ``scope``: what keeps a corpus sound, beside reading it into an index."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from ingest.check import Finding, check
from ingest.fetch import Fetcher, Limits, PageUnavailable, allowed_hosts
from ingest.official import NotImported, Report, examine, import_paths, instruments, keep, require_known
from ingest.scope_page import PAGE, card_of_files, page_of
from rag.errors import DocumentRefused

CORPUS = Path("corpus")


def run_check(arguments: Sequence[str]) -> int:
    """0: no error; 1: errors were found."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest check",
        description="检查语料：格式、日期、案号、条号、别名、问法、关系、与官方文本的出入。",
    )
    parser.add_argument("corpus", nargs="?", type=Path, default=CORPUS, metavar="FOLDER", help="默认 corpus/")
    parser.add_argument(
        "--official", type=Path, metavar="DIR", help="另有官方文本的文件夹（corpus/official/ 总会用到）"
    )
    parser.add_argument("--notices", action="store_true", help="也列出允许的缺口")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")
    options = parser.parse_args(arguments)
    findings = check(options.corpus, official=options.official)
    errors = [finding for finding in findings if finding.level == "error"]
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
        return 1 if errors else 0
    for finding in findings if options.notices else errors:
        print(_finding_line(finding))
    card = card_of_files(options.corpus) if not errors else None
    if card:
        print(
            f"{card.documents} 份文档，{card.articles} 条条文，{card.sections} 个章节段落，{card.lay_questions} 条问法，{card.relations} 条关系。"
        )
    rules = Counter(finding.rule for finding in errors)
    detail = "（" + "，".join(f"{rule} {n}" for rule, n in rules.most_common()) + "）" if rules else ""
    print(f"错误 {len(errors)}{detail}，允许的缺口 {len(findings) - len(errors)}。")
    return 1 if errors else 0


def _finding_line(finding: Finding) -> str:
    place = f" {finding.place}" if finding.place else ""
    return f"{finding.path}{place} [{finding.rule}] {finding.message}"


def run_official(arguments: Sequence[str]) -> int:
    """0: all imported; 1: something was refused."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest official",
        description="导入官方文本，存入 corpus/official/；有官方文本的法规引用全文，摘要只帮助检索。",
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="文件或文件夹（.md .txt .html .pdf .docx）")
    parser.add_argument("--fetch", nargs="*", metavar="ID", help="从文件头里的官方网址下载；不写 ID 时下载全部")
    parser.add_argument("--as", dest="identifier", metavar="ID", help="指明这份文件是哪一部法规（认不出时用）")
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="FOLDER", help="默认 corpus/")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")
    options = parser.parse_args(arguments)
    if not options.paths and options.fetch is None:
        parser.error("请给出文件或文件夹，或用 --fetch 下载")
    if options.identifier and (len(options.paths) != 1 or options.paths[0].is_dir() or options.fetch is not None):
        parser.error("--as 只用于一个文件")
    report = import_paths(options.paths, options.corpus, identifier=options.identifier)
    if options.fetch is not None:
        fetched = fetch_official(options.fetch, options.corpus)
        report.imported += fetched.imported
        report.refused += fetched.refused
    print(json.dumps(asdict(report), ensure_ascii=False) if options.json else _report(report))
    return 1 if report.refused else 0


def fetch_official(identifiers: Sequence[str], corpus: Path, limits: Limits | None = None) -> Report:
    """Download and import the official texts of these instruments; of all that have an address when none is named.

    Raises:
        InvalidInput: an id is not in the corpus, or the corpus has no list of official hosts.
    """
    digests = instruments(corpus)
    require_known(identifiers, digests)
    report = Report()
    with Fetcher(allowed_hosts(corpus), limits) as fetcher:
        for identifier in identifiers or [i for i, document in digests.items() if document.meta.url]:
            url = digests[identifier].meta.url
            if url is None:
                report.refused.append(NotImported(identifier, "文件头里没有官方网址，请下载后用路径导入。"))
                continue
            try:
                page = fetcher.page(url)
                candidate = examine(page.text, {identifier: digests[identifier]}, url, url=page.url)
                report.imported.append(keep(candidate, corpus))
            except (PageUnavailable, DocumentRefused) as error:
                report.refused.append(NotImported(f"{identifier} {url}", str(error)))
    return report


def _report(report: Report) -> str:
    lines = [f"导入 {item.id}：{item.articles} 条 ← {item.source}" for item in report.imported]
    for item in report.imported:
        lines.extend(f"  {item.id} {d.article}，摘要与官方文本不同（{d.kind}）：{d.detail}" for d in item.differences)
    lines.extend(f"未导入 {item.source}\n  {item.reason}" for item in report.refused)
    lines.append(
        f"导入 {len(report.imported)}，未导入 {len(report.refused)}，跳过 {report.skipped} 个与语料无关的文件。"
    )
    if report.imported:
        lines.append("下一步：python -m ingest")
    return "\n".join(lines)


def run_scope(arguments: Sequence[str]) -> int:
    """0: printed, written or up to date; 1: ``--check`` found the page out of date."""
    parser = argparse.ArgumentParser(prog="python -m ingest scope", description="收录范围：有什么，依据如何，缺什么。")
    parser.add_argument("corpus", nargs="?", type=Path, default=CORPUS, metavar="FOLDER", help="默认 corpus/")
    parser.add_argument("--write", action="store_true", help=f"写入 FOLDER/{PAGE}")
    parser.add_argument("--check", action="store_true", help=f"核对 FOLDER/{PAGE} 是否与语料一致")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")
    options = parser.parse_args(arguments)
    card = card_of_files(options.corpus)
    page = page_of(card)
    path = options.corpus / PAGE
    if options.check:
        current = path.is_file() and path.read_text("utf-8") == page
        print(f"{path} 与语料一致。" if current else f"{path} 已过时：运行 python -m ingest scope --write")
        return 0 if current else 1
    if options.write:
        path.write_text(page, "utf-8")
        print(f"已写入 {path}。")
    else:
        print(card.model_dump_json() if options.json else page)
    return 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "check": run_check,
    "official": run_official,
    "scope": run_scope,
}
