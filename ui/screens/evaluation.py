"""The latest results of the evaluation suite and the benchmark: what is good, what is not, and each question that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from evals.results_file import COMPARISONS, BenchResults, EvalResults, read_bench, read_comparison, read_eval
from rag import AigcLawError
from rag.pipeline import open_assistant
from ui import evaluation as data
from ui.evaluation_charts import bar_chart, column_chart, dot_chart
from ui.evaluation_tiles import CSS, tiles, tiles_html
from ui.failed import show_failed
from ui.markup import literal
from ui.words import say

if TYPE_CHECKING:
    from altair import LayerChart


def show() -> None:
    st.html(CSS)
    with st.container(key="evaluation"):
        st.title(say("evaluation.title"))
        for section in (_show_suite, _show_bench, _show_comparisons, _show_failed):
            try:
                section()
            except AigcLawError as error:
                _show_problem(error)


def _show_problem(error: AigcLawError) -> None:
    with st.container(key=f"notice-{abs(hash(error.what))}"):
        st.markdown(f"**{literal(error.what)}**")
        for more in (error.why, error.next_step):
            if more:
                st.markdown(literal(more))


def _show_suite() -> None:
    results = read_eval()
    st.markdown(say("evaluation.intro", n=results.n))
    _show_provenance(results)
    st.html(tiles_html(tiles(results)))
    st.caption(say("evaluation.caveat"))
    st.header(say("evaluation.measures"))
    reading = data.measure_reading(results)
    _draw(dot_chart(data.measure_dots(results)), reading)
    _show_categories(results)
    st.header(say("evaluation.refusals"))
    counts = data.refusal_counts(results)
    reading = data.refusal_reading(counts)
    _draw(bar_chart(data.refusal_bars(counts)), reading)
    if values := data.latencies(results):
        st.header(say("evaluation.latency"))
        reading = data.latency_reading(values)
        _draw(column_chart(data.latency_bars(values), say("evaluation.milliseconds")), reading)


def _draw(chart: LayerChart, reading: str) -> None:
    st.markdown(literal(reading))
    st.altair_chart(chart, width="stretch", alt=reading)


def _show_provenance(results: EvalResults) -> None:
    prints = "，".join(f"{data.named('print', name)} `{value}`" for name, value in results.fingerprints)
    st.caption(say("evaluation.prints", system=literal(results.system), prints=prints))
    try:
        changed = data.differences(results.fingerprints, open_assistant().fingerprints)
    except AigcLawError:
        st.caption(say("evaluation.unknown_now"))
        return
    if not changed:
        st.caption(say("evaluation.same"))
        return
    with st.container(key="notice"):
        st.markdown(say("evaluation.other", what="、".join(changed)))


def _show_categories(results: EvalResults) -> None:
    st.header(say("evaluation.categories"))
    measure = _choose("category-measure", say("evaluation.measure"), data.category_measures(results), "m")
    dots = data.category_dots(results, measure)
    if dots:
        reading = data.category_reading(dots, measure)
        _draw(dot_chart(dots), reading)


def _choose(key: str, label: str, options: list[str], prefix: str) -> str:
    """One of several keys, shown in words; the first to begin with."""
    found: str = st.selectbox(label, options, format_func=lambda option: data.named(prefix, option), key=key)
    return found


# --- the benchmark ---


def _show_bench() -> None:
    bench = read_bench()
    if bench is None:
        return
    st.header(say("evaluation.bench"))
    machine = bench.machine
    st.markdown(say("evaluation.bench_about", cores=machine.cores, memory=f"{machine.memory_gb:.0f}"))
    sets = [name for name in bench.questions if bench.measures.get(name)]
    if not sets:
        return
    left, right = st.columns(2)
    with left:
        chosen = _choose("bench-set", say("evaluation.bench_set"), sets, "set")
    with right:
        measure = _choose("bench-measure", say("evaluation.measure"), data.bench_measures(bench, chosen), "b")
    corpus = bench.questions[chosen].corpus
    _show_size(bench, chosen, corpus)
    ours = data.named("s", data.OURS)
    reading = data.bench_reading(bench, chosen, measure)
    _draw(dot_chart(data.bench_dots(bench, chosen, measure), emphasised=ours), reading)
    st.subheader(say("evaluation.cost"))
    cost = _choose("bench-cost", say("evaluation.cost"), list(data.COSTS), "cost")
    if bars := data.cost_bars(bench, corpus, cost):
        reading = data.cost_reading(bars, cost)
        _draw(bar_chart(bars, emphasised=ours), reading)


def _show_size(bench: BenchResults, chosen: str, corpus: str) -> None:
    if size := bench.corpora.get(corpus):
        n = bench.questions[chosen].n
        where = say("evaluation.bench_where", n=n, documents=f"{size.documents:,}", articles=f"{size.articles:,}")
        st.caption(where)


def _show_comparisons() -> None:
    for name in COMPARISONS:
        try:
            comparison = read_comparison(name)
        except AigcLawError as error:
            _show_problem(error)
            continue
        if comparison is None or not (measures := data.shares(comparison)):
            continue
        st.header(say(f"evaluation.x_{name}"))
        measure = _choose(f"measure-{name}", say("evaluation.measure"), measures, "m")
        dots = data.comparison_dots(comparison, measure)
        reading = data.comparison_reading(dots, measure)
        _draw(dot_chart(dots), reading)
        for row in comparison.rows:
            if row.reading:
                st.markdown(f"- **{literal(data.named('s', row.name))}**：{literal(row.reading)}")


def _show_failed() -> None:
    show_failed(read_eval())
