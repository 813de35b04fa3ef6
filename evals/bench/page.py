"""The benchmark's page, generated from its JSON: question → table → reading → figure."""

from __future__ import annotations

from pathlib import Path

from evals.bench import plots, tables
from evals.bench.results import FILE, Results, read_results
from evals.bench.systems import BY_NAME, ENTRIES, Entry
from evals.generated import check_page, stale
from evals.svg import is_current, redraw
from rag.errors import InvalidInput

PAGE = "bench.md"

_SETS = {
    "own": (
        "Do our own questions find their articles in the shipped corpus?",
        "{n} questions of our own that no model was trained on; the settings of this project were chosen on them.",
    ),
    "suite": (
        "Do the questions of the evaluation suite find theirs?",
        "{n} questions of the evaluation suite with gold, without those that give a date or a history, which the other systems cannot use; changes "
        "to this project were also judged on them.",
    ),
    "ip-lay": (
        "Do real lay questions find the article in the statutes on intellectual property and networks?",
        "{n} real lay questions of the development split, all of whose statutes have a title with 著作权, 版权, 知识产权, 商标, 专利, 计算机软件, 网络 or "
        "不正当竞争. So few questions tell little.",
    ),
    "statutes-lay": (
        "And in all statutes?",
        "{n} real lay questions of the development split (one in five by a hash of the id: this project's models never saw them, but its settings "
        "were chosen on them).",
    ),
}
_CORPORA = {
    "shipped": "the shipped corpus",
    "ip": "statutes on intellectual property and networks",
    "statutes": "all statutes",
}

_HOW = """All systems read the same folder of files on the same machine, each measurement in a process of its own.

- An *article* is a passage of this project's splitter: an article of an instrument, a section of a judgment, a paragraph of the paper. Systems that take one document an article get its title, headings, topic, text and the ways of asking (问法) that stand under it, in one text.
- A chunk counts for every article of whose text it holds at least half, and for an article that makes up at least half of the chunk (else a long article could not be found). Articles rank by first appearance; where chunks overlap, twice as many chunks are asked for as articles are wanted.
- What a question wants: each article of its gold, or one of several where any of them will do. A place that meets two wants takes a rank for each.
- recall, MRR, nDCG and success by [ir-measures](https://ir-measur.es); intervals are 95 % bootstrap percentiles over questions, differences are paired on the same questions.
- Build: from the files to a finished index, loading models included. Search: ten articles from an open index. Cold start: a fresh process that opens the index and searches once. `BM25Retriever` keeps no index, so that it builds it anew at every start, and what it has on disk is the texts. Peak memory is the process's highest resident size.
- The other systems run with their default settings, and none of their models saw these questions or others like them; this project's embedder was trained on other questions of the same kinds.
- all-MiniLM-L6-v2 is an English model: it is what quickstarts use, and knows little Chinese. BM25 with jieba and our embedder in plain Chroma are the systems to beat."""


def write(folder: Path) -> Path:
    """Draw what is not current and write the page; returns its path.

    Raises:
        InvalidInput: no results, or figures to draw without matplotlib.
    """
    results = _load(folder)
    redraw(folder, plots.figures(results), plots.painter)
    (folder / PAGE).write_text(render(results), "utf-8")
    return folder / PAGE


def check(folder: Path) -> None:
    """Raises ``InvalidInput`` when the page or a figure is not what the JSON says."""
    results = _load(folder)
    check_page(folder / PAGE, render(results), FILE)
    for name, data in plots.figures(results).items():
        if not is_current(folder / name, data):
            raise stale(name, FILE)


def _load(folder: Path) -> Results:
    results = read_results(folder)
    if "measures" not in results:
        raise InvalidInput(f"没有完整的基准结果：{folder / FILE}。", next_step="运行：python -m evals bench")
    return results


def render(results: Results) -> str:
    drawn = plots.figures(results)
    parts = ["# Benchmark", _provenance(results), "## What is compared, and how?", _systems(), _HOW]
    for name, (question, about) in _SETS.items():
        if measured := results["measures"].get(name):
            described = results["questions"][name]
            corpus = results["corpora"][described["corpus"]]
            where = f"{corpus['documents']:,} documents, {corpus['articles']:,} articles"
            parts += [f"## {question}", f"{about.format(n=described['n'])} Searched: {where}."]
            parts += [tables.quality(measured), tables.differences(measured), tables.reading(measured)]
            parts += _figure(drawn, f"bench-{name}.svg", question)
    parts += _costs(results, drawn)
    if len(points := tables.scale_points(results)) > 1:
        title = "How does the cost of this project grow with the corpus?"
        parts += [f"## {title}", tables.scale(points), tables.scale_reading(points)]
        parts += _figure(drawn, "bench-scale.svg", title)
    if found := tables.hnsw(results):
        about = "Chroma's answers against an exact search over the same vectors of the built-in embedder, one an article, for all questions."
        parts += ["## What does approximate search miss?", about, found, tables.hnsw_reading(results)]
    if timed := results.get("product"):
        parts += ["## How fast is the product?", tables.timings(timed), tables.timings_reading(timed)]
    parts += ["## What failed?", _failures(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _costs(results: Results, drawn: dict[str, object]) -> list[str]:
    parts = []
    for corpus, described in _CORPORA.items():
        if tables.measured_runs(results, corpus):
            title = f"What does it cost: {described}?"
            parts += [f"## {title}", tables.costs(results, corpus), tables.cost_reading(results, corpus)]
            parts += _figure(drawn, f"bench-cost-{corpus}.svg", title)
    return parts


def summary(results: Results) -> str:
    """What a terminal shows at the end of a run."""
    parts = []
    for name, measured in results["measures"].items():
        if measured:
            parts += [f"{name}（{results['questions'][name]['n']} 问）", tables.quality(measured)]
    return "\n\n".join(parts)


def _provenance(results: Results) -> str:
    m = results["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in m["packages"].items())
    prints = ", ".join(f"{name} `{c['fingerprint']}`" for name, c in results["corpora"].items())
    return (
        f"Measured on one machine: {m['cores']} cores, {m['memory_gb']} GB, {m['system']}, Python {m['python']}; {packages}. "
        f"{_load_of(results)}Documents: {prints}. Run by `make bench`, generated by `python -m evals report`; every rank is in `{FILE}`."
    )


def _load_of(results: Results) -> str:
    """How busy the machine was when the measurements began: times of a busy one are too long."""
    loads = [run["load"] for runs in results["runs"].values() for run in runs.values() if "load" in run]
    return f"Load average before the measurements began: {max(loads):.1f} at most. " if loads else ""


def _systems() -> str:
    return tables.table(
        ["system", "what it does"], [[tables.label(entry.name), _described(entry)] for entry in ENTRIES]
    ).replace("--:", "---")


def _described(entry: Entry) -> str:
    limit = (
        f" (not run on more than {entry.most:,} articles, where building takes up to an hour; `--slow` runs it)"
        if entry.most
        else ""
    )
    return entry.description + limit


def _figure(drawn: dict[str, object], name: str, title: str) -> list[str]:
    return [f"![{title}]({name})"] if name in drawn else []


def _failures(results: Results) -> str:
    lines = []
    for corpus, runs in results["runs"].items():
        for system, run in runs.items():
            if "error" in run:
                lines.append(f"- {BY_NAME[system].label} on {corpus}: {run['error']}")
            elif run["failed"]:
                lines.append(f"- {BY_NAME[system].label} on {corpus}, some questions: {run['failed'][0]}")
    lines += [
        f"- approximate search on {corpus}: {found['error']}"
        for corpus, found in results["hnsw"].items()
        if "error" in found
    ]
    return "\n".join(lines) or "Nothing."
