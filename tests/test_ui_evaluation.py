"""The evaluation page: results read or refused kindly, figures against hand-computed ones, what is drawn."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from evals import results_file
from evals.results_file import (
    COMPARISONS,
    Comparison,
    EvalResults,
    QuestionResult,
    Row,
    read_bench,
    read_comparison,
    read_eval,
)
from rag import Fingerprints
from rag.errors import InvalidInput
from ui import evaluation as data
from ui.evaluation import Bar, Dot, RefusalCounts
from ui.evaluation_charts import bar_chart, column_chart, dot_chart
from ui.evaluation_tiles import Tile, tiles, tiles_html
from ui.failures import Filter, failing, gold_label, kinds_of, told

ROOT = Path(__file__).parents[1]


def figure(mean: float, n: int = 10, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"mean": mean, "n": n, "low": low, "high": high}


def asked(identifier: str, **fields: Any) -> dict[str, Any]:
    plain = {
        "category": "dates",
        "split": "dev",
        "refused": False,
        "refusal_expected": False,
        "values": {},
        "missed": [],
    }
    return {"id": identifier} | plain | fields


QUESTIONS = [
    asked("a", values={"latency_ms": 4.0}),
    asked("b", split="test", values={"latency_ms": 30.0}, missed=["recall@5 0.00", "fact_recall 0.50"]),
    asked("c", category="unclear", refusal_expected=True, missed=["answered, should refuse (unclear)"]),
    asked("d", category="unclear", refusal_expected=True, refused=True, values={"latency_ms": 12.0}),
    asked("e", refused=True, missed=["refused (out_of_scope)"]),
    asked("f", error="ValueError: <b>"),
]
STORED = {
    "system": "ours", "fingerprints": {"corpus": "c", "index": "i", "settings": "s"}, "n": 6, "new": "ignored",
    "summary": {"citation_recall": figure(0.9, 10, 0.8, 1.0), "forbidden": figure(0.1, 5, 0.0, 0.3)},
    "refusals": {"precision": 0.5, "recall": 0.5, "refused": 2, "expected": 2},
    "splits": {
        "dev": {"citation_recall": figure(0.95, 4, 0.9, 1.0), "fact_recall": figure(0.8, 4, 0.7, 0.9)},
        "test": {"citation_recall": figure(0.9, 6, 0.85, 1.0), "fact_recall": figure(0.4, 6, 0.3, 0.5)},
    },
    "categories": {"dates": {"fact_recall": figure(0.5, 4)}, "unclear": {}},
    "questions": QUESTIONS,
}  # fmt: skip
BENCH = {
    "machine": {"cores": 2, "memory_gb": 24, "system": "Linux"},
    "corpora": {"shipped": {"documents": 9, "articles": 90, "fingerprint": "x"}},
    "questions": {"own": {"corpus": "shipped", "n": 7, "fingerprint": "y"}},
    "runs": {
        "shipped": {
            "this-project": {"cost": {"build_s": 4.7, "search_mb": 200, "p50_ms": 8, "p95_ms": 12, "size_mb": 24}},
            "chroma-dense": {"cost": {"build_s": 2.4, "search_mb": 150, "p50_ms": 4, "p95_ms": 6, "size_mb": 20}},
            "langchain-bm25": {"error": "broken"},
        }
    },
    "measures": {
        "own": {
            "this-project": {"R@5": figure(0.7, 7, 0.6, 0.8)},
            "chroma-dense": {"R@5": figure(0.6, 7, 0.5, 0.7) | {"difference": figure(-0.1, 7, -0.2, 0.05)}},
        }
    },
}
RESULTS = EvalResults.model_validate(STORED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "latest.json").write_text(json.dumps(STORED), "utf-8")
    (tmp_path / "bench.json").write_text(json.dumps(BENCH), "utf-8")
    return tmp_path


# --- reading ---


def test_committed_results_are_read() -> None:
    results, bench = read_eval(), read_bench()
    assert results.n == len(results.questions) > 100
    assert bench is not None
    assert data.OURS in bench.measures["own"]
    for name in COMPARISONS:
        read_comparison(name)


def test_absent_results_name_the_command(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_eval(tmp_path)
    assert "python -m evals run" in raised.value.next_step
    assert read_bench(tmp_path) is None
    assert read_comparison("systems", tmp_path) is None


@pytest.mark.parametrize("text", ["{", "[]", '{"system": 1}', "\u0000"])
def test_damaged_results_are_refused(tmp_path: Path, text: str) -> None:
    for name in ("latest.json", "bench.json", "systems.json"):
        (tmp_path / name).write_text(text, "utf-8")
    for read in (read_eval, read_bench, lambda at: read_comparison("systems", at)):
        with pytest.raises(InvalidInput) as raised:
            read(tmp_path)
        assert raised.value.why
        assert raised.value.next_step


def test_reading_results_imports_nothing_that_measures() -> None:
    code = "import sys, evals.results_file, ui.screens.evaluation; print([m for m in ('scipy', 'matplotlib', 'altair') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


# --- figures ---


def test_widest_gap_between_the_splits_is_told() -> None:
    assert (
        data.measure_reading(RESULTS)
        == "两组题目相差最大的是“要点说全”：开发集 80.0%，测试集 40.0%，两个区间不重叠，差别不像偶然。"
    )
    assert data.measure_dots(RESULTS)[0] == Dot("应引尽引", 0.95, 4, 0.9, 1.0, "开发集")


def test_wilson_interval() -> None:
    """5 of 10, by hand: centre (0.5 + 3.8416/20)/1.38416 = 0.5, half 1.96/1.38416 · √(0.025 + 3.8416/400) = 0.2634."""
    assert data.wilson(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert data.wilson(1.0, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)


def test_categories_count_a_crash_as_undecided() -> None:
    assert data.category_measures(RESULTS) == ["decided", "fact_recall"]
    found = [(dot.name, dot.mean, dot.n) for dot in data.category_dots(RESULTS, "decided")]
    assert found == [("时间与版本", 0.5, 4), ("问得不清", 0.5, 2)]
    assert [dot.name for dot in data.category_dots(RESULTS, "fact_recall")] == ["时间与版本"]


def test_refusals_are_counted() -> None:
    counts = data.refusal_counts(RESULTS)
    assert counts == RefusalCounts(expected=2, right=1, rest=4, wrong=1)
    assert [bar.value for bar in data.refusal_bars(counts)] == [1, 1, 1, 3]
    assert data.refusal_reading(counts) == "该拒答的 2 题里拒答了 1 题；该回答的 4 题里误拒了 1 题。"


def test_latencies() -> None:
    values = data.latencies(RESULTS)
    assert values == [4.0, 12.0, 30.0]
    assert data.latency_bars(values) == [Bar("0–5", 1), Bar("5–10", 0), Bar("10–20", 1), Bar("20–50", 1)]
    assert "一半的问题在 12 毫秒内" in data.latency_reading(values)


def test_bench_is_read_beside_the_best_other(folder: Path) -> None:
    bench = read_bench(folder)
    assert bench is not None
    assert [dot.name for dot in data.bench_dots(bench, "own", "R@5")] == ["本项目", "Chroma，只用向量"]
    reading = data.bench_reading(bench, "own", "R@5")
    assert "70.0%" in reading
    assert reading.endswith("相差 -0.100（区间 -0.200 至 +0.050），这些题分不出高下。")
    bars = data.cost_bars(bench, "shipped", "build_s")
    assert bars == [Bar("Chroma，只用向量", 2.4), Bar("本项目", 4.7)]
    assert "排第 2" in data.cost_reading(bars, "build_s")


def test_what_has_changed_is_named() -> None:
    now = Fingerprints(corpus="c", index="other", settings="s")
    assert data.differences(RESULTS.fingerprints, now) == ["索引"]
    assert data.differences(RESULTS.fingerprints, RESULTS.fingerprints) == []


def test_comparisons_leave_out_what_is_no_share() -> None:
    rows = [
        Row.model_validate({"name": "whole", "summary": {"fact_recall": figure(0.9), "latency_ms": figure(20)}}),
        Row.model_validate({"name": "part", "summary": {"fact_recall": figure(0.7), "latency_ms": figure(0.5)}}),
    ]
    rows.append(Row.model_validate({"name": "not run", "summary": None, "reading": None}))
    comparison = Comparison(rows=tuple(rows))
    assert data.shares(comparison) == ["fact_recall"]
    assert data.comparison_reading(data.comparison_dots(comparison, "fact_recall"), "fact_recall") == (
        "“要点说全”最高的是whole（90.0%），最低的是part（70.0%）。"
    )


def test_tiles_say_interval_and_n() -> None:
    found = tiles(RESULTS)
    assert found[0] == Tile("应引尽引", "应引的条文或判决段落，回答引了多少", 0.9, 0.8, 1.0, 10)
    assert [tile.n for tile in found] == [10, 5, 2, 2]
    assert "区间 80.0%–100.0%，10 题" in tiles_html(found)
    assert "<b>&lt;i&gt;</b>" in tiles_html([Tile("<i>", "", 0.5, 0.4, 0.6, 3)])


def test_charts_hold_their_data() -> None:
    spec = dot_chart([Dot("x", 0.5, 3), Dot("y", 0.7, 3, 0.6, 0.8)], emphasised="x").to_dict()
    values = spec["layer"][0]["data"]["values"] if "data" in spec["layer"][0] else spec["data"]["values"]
    assert [(row["low"], row["high"]) for row in values] == [(0.5, 0.5), (0.6, 0.8)]
    assert bar_chart([Bar("x", 1, "g"), Bar("x", 2, "h")]).to_dict()["layer"]
    assert column_chart([Bar("0–5", 2)], "毫秒").to_dict()["layer"]


# --- what failed ---


def test_failed_questions_by_filter() -> None:
    def ids(**wanted: str) -> str:
        return "".join(question.id for question in failing(RESULTS.questions, Filter(**wanted)))

    assert ids() == "bcef"
    assert ids(category="unclear") == "c"
    assert ids(split="test") == "b"
    assert ids(measure="refusal") == "ce"
    assert ids(measure="error") == "f"
    assert ids(category="unclear", measure="fact_recall") == ""


def test_what_was_missed_in_words() -> None:
    def words(*missed: str, error: str | None = None) -> list[str]:
        return told(QuestionResult(**asked("q", missed=missed, error=error)))

    assert words("recall@5 0.50", "forbidden statement") == ["前五命中 50%", "出现了错误说法"]
    assert words("refusal reason false_premise, expected unclear") == [
        "拒答理由是“问题里的前提不成立”，应为“请问得再具体一些”"
    ]
    assert words("something new", error="X") == ["程序出错：X", "something new"]
    assert kinds_of(RESULTS.questions[1]) == ["recall@5", "fact_recall"]


@pytest.mark.parametrize(
    ("pinpoint", "label"),
    [
        ("law/art-24/p1/i5", "《著作权法》第二十四条第一款第（五）项"),
        ("law/art-133-1", "《著作权法》第一百三十三条之一"),
        ("case/court-view", "case 法院认为"),
        ("law/s-table-1", "《著作权法》 表 1"),
        ("law/s-4.2", "《著作权法》 4.2"),
    ],
)
def test_gold_in_legal_style(pinpoint: str, label: str) -> None:
    assert gold_label(pinpoint, {"law": "著作权法"}) == label


# --- the page ---


def page() -> None:
    from ui.screens.evaluation import show

    show()


def shown(monkeypatch: pytest.MonkeyPatch, folder: Path) -> AppTest:
    monkeypatch.setattr(results_file, "FOLDER", folder)
    monkeypatch.setenv("AIGC_LAW_INDEX", str(folder / "no-index"))
    found = AppTest.from_function(page, default_timeout=30).run()
    assert not found.exception
    return found


def test_page_without_results_says_how_to_make_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "\n".join(item.value for item in shown(monkeypatch, tmp_path).markdown)
    assert text.count("还没有评测结果") == 1
    assert "evals run" in text


def test_page_with_damaged_results_says_so(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "bench.json").write_text("{", "utf-8")
    found = shown(monkeypatch, folder)
    assert any("bench" in item.value for item in found.markdown)
    assert len(found.expander) == 4


def test_page_filters_what_failed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "ablations.json").write_text(
        json.dumps({"rows": [{"name": "all", "summary": {"fact_recall": figure(0.9)}, "reading": "很好"}]}), "utf-8"
    )
    found = shown(monkeypatch, folder)
    heads = [item.value for item in found.header]
    assert "去掉一个部件会怎样？" in heads
    assert "整体回答与其他系统相比" not in heads
    assert any("无法核对" in item.value for item in found.caption)
    found.selectbox(key="failing-category").set_value("unclear").run()
    assert [item.label for item in found.expander] == ["c"]
