"""The latest results of the evaluation suite and the benchmark: what is good, what is not, and each question that failed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from evals.results_file import (
    COMPARISONS,
    BenchResults,
    Comparison,
    EvalResults,
    read_bench,
    read_comparison,
    read_eval,
)
from rag import AigcLawError
from rag.pipeline import open_assistant
from ui import evaluation as data
from ui.evaluation_charts import bar_chart, column_chart, dot_chart
from ui.evaluation_tiles import CSS, tiles, tiles_html
from ui.failed import show_failed
from ui.labels import listed
from ui.markup import literal
from ui.words import say

if TYPE_CHECKING:
    from altair import LayerChart

_Stored = TypeVar("_Stored")


def show() -> None:
    st.html(CSS)
    with st.container(key="evaluation"):
        st.title(say("evaluation.title"))
        results = _read("suite", read_eval)
        if results:
            _show_suite(results)
        if bench := _read("bench", read_bench):
            _show_bench(bench)
        for name in COMPARISONS:
            if comparison := _read(name, partial(read_comparison, name)):
                _show_comparison(name, comparison)
        if results:
            show_failed(results)


def _read(name: str, read: Callable[[], _Stored | None]) -> _Stored | None:
    """Stored results; where there are none to be had, the page says why and what to do."""
    try:
        return read()
    except AigcLawError as error:
        with st.container(key=f"problem-{name}"):
            st.markdown(f"**{literal(error.what)}**")
            for more in filter(None, (error.why, error.next_step)):
                st.markdown(literal(more))
        return None


def _show_suite(results: EvalResults) -> None:
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
    prints = say("labels.between").join(
        f"{data.named('print', name)} `{value}`" for name, value in results.fingerprints
    )
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
        st.markdown(say("evaluation.other", what=listed(changed)))


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


def _show_bench(bench: BenchResults) -> None:
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


def _show_comparison(name: str, comparison: Comparison) -> None:
    if not (measures := data.shares(comparison)):
        return
    st.header(say(f"evaluation.x_{name}"))
    measure = _choose(f"measure-{name}", say("evaluation.measure"), measures, "m")
    dots = data.comparison_dots(comparison, measure)
    _draw(dot_chart(dots), data.comparison_reading(dots, measure))
    for row in comparison.rows:
        if row.reading:
            st.markdown(f"- **{literal(data.named('s', row.name))}**：{literal(row.reading)}")
