"""The results page: what it shows of a run, a baseline and comparisons, and that neither it nor its figures can drift from the JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals import charts, report
from evals.__main__ import main
from evals.report_comparisons import comparisons
from evals.stored import as_json, outcomes, read_run, slim
from rag.errors import InvalidInput


def figures(mean: float, n: int = 2) -> dict[str, float]:
    return {"mean": mean, "n": n, "low": mean - 0.1, "high": mean + 0.1}


def row(identifier: str, category: str = "amounts", split: str = "dev", **fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"refused": False, "refusal_expected": False, "error": None, "values": {}, "missed": []}
    return {"id": identifier, "category": category, "split": split} | values | fields


RESULT: dict[str, Any] = {
    "system": "aigc-law-qa extractive",
    "fingerprints": {"corpus": "c1", "index": "i1", "settings": "s1"},
    "commit": "abc123+",
    "seconds": 41.6,
    "n": 3,
    "summary": {
        "recall@5": figures(0.75),
        "citation_recall": figures(0.875),
        "fact_recall": figures(0.5, 1),
        "verbatim": figures(1.0),
        "accurate": figures(0.5),
        "incomplete": figures(0.25),
        "hallucinated": figures(0.25),
    },
    "splits": {"dev": {"recall@5": figures(0.5)}, "test": {"recall@5": figures(1.0), "fact_recall": figures(0.5, 1)}},
    "refusals": {
        "precision": 0.9231, "recall": 1.0, "refused": 13, "expected": 12,
        "precision_interval": [0.75, 1.0], "recall_interval": [1.0, 1.0],
    },
    "axes": {
        "correct": {"grounded": 1, "misgrounded": 1, "ungrounded": 0, "none": 4},
        "incomplete": {"grounded": 2, "misgrounded": 0, "ungrounded": 0, "none": 0},
        "incorrect": {"grounded": 3, "misgrounded": 0, "ungrounded": 0, "none": 0},
        "refusal": {"grounded": 0, "misgrounded": 0, "ungrounded": 0, "none": 1},
    },
    "categories": {
        "amounts": {"recall@5": {"mean": 0.25, "n": 1}, "citation_recall": {"mean": 0.5, "n": 2}},
        "dates": {"citation_recall": {"mean": 0.75, "n": 1}},
        "unclear": {},
    },
    "questions": [
        row("q1", missed=["recall@5 0.00", "fact_recall 0.50"], values={"recall@5": 0.0, "fact_recall": 0.5}),
        row("q2", split="test", error="ValueError: x", values={"recall@5": 1.0, "forbidden": None}),
        row("q3", "unclear", "test", values={"recall@5": 1.0, "hallucinated": 1 / 3}),
    ],
}  # fmt: skip


def test_the_page_shows_the_figures_of_the_run() -> None:
    page = report.render(RESULT)
    assert [line for line in page.split("\n") if line.startswith("| ")] == [
        "| question | measure | all | dev | test | n |",
        "| … among the first five passages? | recall@5 | 0.750 [0.650, 0.850] | 0.500 | 1.000 | 2 |",
        "| question | measure | all | dev | test | n |",
        "| Does the answer cite every article or section that it needs? | citation_recall | 0.875 [0.775, 0.975] | – | – | 2 |",
        "| Does it state the decisive facts? | fact_recall | 0.500 [0.400, 0.600] | – | 0.500 | 1 |",
        "| question | measure | all | dev | test | n |",
        "| Does every quote stand at its span in the source? | verbatim | 1.000 [0.900, 1.100] | – | – | 2 |",
        "| verdict | all | dev | test | n |",
        "| accurate | 0.500 [0.400, 0.600] | – | – | 2 |",
        "| incomplete | 0.250 [0.150, 0.350] | – | – | 2 |",
        "| hallucinated | 0.250 [0.150, 0.350] | – | – | 2 |",
        "| correctness | grounded | misgrounded | ungrounded | refused or crashed |",
        "| correct | 1 | 1 | 0 | 4 |",
        "| incomplete | 2 | 0 | 0 | 0 |",
        "| incorrect | 3 | 0 | 0 | 0 |",
        "| refusal | 0 | 0 | 0 | 1 |",
        "| precision | recall | refused | should be refused |",
        "| 0.923 [0.750, 1.000] | 1.000 [1.000, 1.000] | 13 | 12 |",
        "| category | n | recall@5 | citation_recall | pinpoint_recall | citation_precision | fact_recall | accurate | hallucinated |",
        "| amounts | 2 | 0.25 | 0.50 | – | – | – | – | – |",
        "| dates | 0 | – | 0.75 | – | – | – | – | – |",
        "| unclear | 1 | – | – | – | – | – | – | – |",
    ]
    assert [line for line in page.split("\n") if line.startswith("- ")] == [
        "- `q1` (amounts, dev): recall@5 0.00; fact_recall 0.50",
        "- `q2` (amounts, test): ValueError: x",
    ]
    assert "3 questions of our own. Fingerprints: corpus `c1`, index `i1`, settings `s1`. Commit `abc123+`" in page
    for reading in (
        "Reading: The first five passages meet 75% of what is needed.",
        "Reading: 88% of the required sources are cited and 50% of the decisive facts stated.",
        "Reading: 100.0% of the quotes are verbatim at their span.",
        "25.0% are hallucinated: 3 incorrect and 1 misgrounded of 3.",
        "Reading: 1 of 13 refusals should have been answers, and 0 of 12 questions that should be refused were answered.",
        "Reading: what is needed is cited most often in dates (75%) and least in amounts (50%).",
    ):
        assert reading in page


def test_gains_and_losses_stand_with_their_questions() -> None:
    before = RESULT | {
        "questions": [
            row("q1", values={"recall@5": 1.0, "fact_recall": 0.0}),
            row("q2", values={"recall@5": 0.5}),
            row("q3", values={"recall@5": 1.0, "hallucinated": 0.0}),
        ]
    }
    page = report.render(RESULT, before)
    assert "| recall@5 | 1: q2 | 1: q1 |\n| fact_recall | 1: q1 | – |\n| hallucinated | – | 1: q3 |" in page
    assert "against the baseline (commit `abc123+`) 2 questions got better by some measure and 2 worse." in page
    assert "no question is answered better or worse" in report.render(RESULT, RESULT)
    assert "baseline" not in report.render(RESULT)


def test_comparisons_are_shown_where_they_were_made(tmp_path: Path) -> None:
    assert comparisons(tmp_path) == []
    rows = [
        {"name": "ours", "summary": {"recall@5": figures(0.5)}, "reading": "Ours finds half."},
        {"name": "theirs", "summary": None},
        {"name": "third", "summary": {"recall@5": {"mean": 0.25, "n": 4}, "fact_recall": {"mean": 1.0, "n": 1}}},
    ]
    (tmp_path / "ablations.json").write_text(json.dumps({"rows": rows}), "utf-8")
    (tmp_path / "planted.json").write_text(json.dumps({"other": 1}), "utf-8")
    assert comparisons(tmp_path) == [
        "## What is each part worth?",
        "| | recall@5 | fact_recall |\n|---|---|---|\n"
        "| ours | 0.500 [0.400, 0.600] (n=2) | – |\n"
        "| third | 0.250 (n=4) | 1.000 (n=1) |",
        "Reading: Ours finds half. Not run: theirs.",
    ]


# --- stored runs ---


def test_a_run_is_stored_with_a_question_on_each_line(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(as_json(RESULT), "utf-8")
    stored = read_run(tmp_path / "run.json")
    assert {**stored, "questions": None} == {**RESULT, "questions": None}
    assert [question["values"] for question in stored["questions"]] == [
        {"recall@5": 0.0, "fact_recall": 0.5},
        {"recall@5": 1.0},
        {"recall@5": 1.0, "hallucinated": 0.3333},
    ]
    lines = [line for line in as_json(RESULT).split("\n") if '"id"' in line]
    assert [json.loads(line.rstrip(","))["id"] for line in lines] == ["q1", "q2", "q3"]


def test_a_slim_run_keeps_what_a_later_one_is_compared_with() -> None:
    kept = slim(RESULT, ["fact_recall"])
    assert kept.keys() == {"system", "fingerprints", "commit", "n", "summary", "refusals", "questions"}
    assert outcomes(kept)[0].values == {"recall@5": 0.0}
    assert [outcome.error for outcome in outcomes(kept)] == [None, "ValueError: x", None]


# --- the page and its figures ---


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A results folder of our own with the JSON of one run."""
    for name, file in (("LATEST", "latest.json"), ("PAGE", "README.md"), ("BASELINE", "baseline.json")):
        monkeypatch.setattr(report, name, tmp_path / file)
    (tmp_path / "latest.json").write_text(json.dumps(RESULT), "utf-8")
    return tmp_path


def test_check_passes_on_the_generated_page_and_fails_on_an_edited_one(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--check"]) == 2
    assert main(["report"]) == 0
    assert main(["report", "--check"]) == 0
    page = results / "README.md"
    page.write_text(page.read_text("utf-8").replace("0.750", "0.950"), "utf-8")
    capsys.readouterr()
    assert main(["report", "--check"]) == 2
    assert capsys.readouterr().err == "错误：README.md 与 latest.json 不一致。 下一步：运行：python -m evals report\n"


def test_check_fails_when_the_run_is_newer_than_the_page(results: Path) -> None:
    main(["report"])
    (results / "latest.json").write_text(json.dumps(RESULT | {"n": 4}), "utf-8")
    assert main(["report", "--check"]) == 2


def test_check_fails_when_the_baseline_or_a_comparison_is_newer_than_the_page(results: Path) -> None:
    main(["report"])
    for name, content in (
        ("baseline.json", RESULT),
        ("systems.json", {"rows": [{"name": "a", "summary": {"m": {"mean": 1, "n": 1}}}]}),
    ):
        (results / name).write_text(json.dumps(content), "utf-8")
        with pytest.raises(InvalidInput, match="不一致"):
            report.check()
        report.write_page()
        report.check()


def test_check_fails_on_a_figure_of_other_numbers(results: Path) -> None:
    main(["report"])
    drawn = results / charts.HEADLINES
    assert {path.name for path in results.glob("*.svg")} == {charts.HEADLINES, charts.CATEGORIES}
    before = drawn.read_bytes()
    drawn.write_text(drawn.read_text("utf-8").replace("data ", "date "), "utf-8")
    with pytest.raises(InvalidInput, match=charts.HEADLINES):
        report.check()
    report.write_page()
    assert drawn.read_bytes() == before


def test_every_figure_of_a_whole_run_can_be_drawn(results: Path) -> None:
    verdicts = {
        name: {"mean": share, "n": 2} for name, share in (("accurate", 0.5), ("incomplete", 0.5), ("hallucinated", 0.0))
    }
    categories = {
        "amounts": verdicts | {"citation_recall": {"mean": 0.5, "n": 2}},
        "dates": {"citation_recall": {"mean": 1.0, "n": 1}},
    }
    (results / "latest.json").write_text(json.dumps(RESULT | {"categories": categories}), "utf-8")
    report.write_page()
    assert charts.figures(RESULT | {"categories": categories})[charts.VERDICT] == {"amounts": [0.5, 0.5, 0.0]}
    assert f"]({charts.VERDICT})" in (results / "README.md").read_text("utf-8")
    assert (results / charts.VERDICT).read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("content", [None, "", "{"], ids=["missing", "empty", "cut"])
def test_a_report_without_a_run_says_how_to_make_one(
    results: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    (results / "latest.json").unlink()
    if content is not None:
        (results / "latest.json").write_text(content, "utf-8")
    assert main(["report"]) == 2
    assert capsys.readouterr().err.endswith("下一步：运行：python -m evals run\n")


def test_a_run_of_refusals_alone_has_a_page(results: Path) -> None:
    summary = {"latency_ms": figures(1.0)}
    (results / "latest.json").write_text(
        json.dumps(RESULT | {"summary": summary, "splits": {}, "categories": {}}), "utf-8"
    )
    assert main(["report"]) == 0


@pytest.mark.skipif(not report.LATEST.exists(), reason="no run is stored")
def test_the_stored_page_is_that_of_the_stored_run() -> None:
    report.check()
