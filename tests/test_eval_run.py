"""A run over the real index, its commands, and how its outcomes are summed up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evals.__main__ import main
from evals.measures import RETRIEVAL, Outcome
from evals.run import refusals, run, run_retrieval, summarise
from rag.pipeline import Assistant
from tests.by_hand import question

ROOT = Path(__file__).parents[1]


def outcome(identifier: str, **fields: object) -> Outcome:
    values: dict[str, object] = {"category": "c", "split": "dev", "refused": False, "refusal_expected": False}
    return Outcome(identifier, **values | fields)  # type: ignore[arg-type]


def test_summary_is_the_mean_over_the_questions_that_a_measure_applies_to() -> None:
    outcomes = [
        outcome("1", values={"recall": 1.0, "none": None, "constant": 0.5}),
        outcome("2", values={"recall": 0.0, "constant": 0.5}),
        outcome("3", values={"recall": 0.5, "none": None, "constant": 0.5}),
        outcome("4", values={"recall": None, "third": 1 / 3}),
    ]
    assert summarise(outcomes, intervals=False) == {
        "recall": {"mean": 0.5, "n": 3},
        "constant": {"mean": 0.5, "n": 3},
        "third": {"mean": 0.3333, "n": 1},
    }
    summary = summarise(outcomes)
    assert summary["constant"] == {"mean": 0.5, "n": 3, "low": 0.5, "high": 0.5}
    assert summary["third"] == {"mean": 0.3333, "n": 1, "low": 0.3333, "high": 0.3333}
    # One in 27 resamples of (0, ½, 1) is all 0 and one all 1: more than the tails of 2.5 %, so these are the ends.
    assert summary["recall"] == {"mean": 0.5, "n": 3, "low": 0.0, "high": 1.0}
    assert summarise(outcomes) == summary


def test_interval_of_a_proportion_is_that_of_the_binomial() -> None:
    values = [outcome(str(n), values={"m": float(n < 80)}) for n in range(100)]
    figures = summarise(values)["m"]
    # 0.8 ± 1.96 · sqrt(0.8 · 0.2 / 100) = 0.8 ± 0.0784
    assert (figures["mean"], figures["n"]) == (0.8, 100)
    assert figures["low"] == pytest.approx(0.7216, abs=0.011)
    assert figures["high"] == pytest.approx(0.8784, abs=0.011)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param("RR RR R- R- -R --", (0.5, 0.6667, 4, 3), id="two-in-vain-one-missed"),
        pytest.param("-- --", (1.0, 1.0, 0, 0), id="nothing-to-refuse"),
        pytest.param("R- --", (0.0, 1.0, 1, 0), id="refused-in-vain"),
        pytest.param("-R --", (1.0, 0.0, 0, 1), id="never-refused"),
    ],
)
def test_refusing_is_measured_as_detection(pairs: str, expected: tuple[float, float, int, int]) -> None:
    outcomes = [outcome(pair, refused=pair[0] == "R", refusal_expected=pair[1] == "R") for pair in pairs.split()]
    found = refusals(outcomes)
    names = ("precision", "recall", "refused", "expected")
    assert tuple(found[name] for name in names) == expected
    # Of four refused, two in vain: all or none of a resample are in vain once in 16 times, more than the tails of 2.5 %.
    assert found["precision_interval"] == (
        (0.0, 1.0) if expected[2] == 4 else (found["precision"],) * 2 if expected[2] else None
    )


ASKED = [
    question(id="1", category="x", split="dev", question="著作权法第二十四条规定了什么？", gold=[["copyright-law-2020/art-24"]]),
    question(id="2", category="y", split="test", question="今天北京天气怎么样", refusal="out_of_scope"),
    question(id="3", category="x", split="test", question="著作权法第八十八条怎么规定的", refusal="false_premise"),
]  # fmt: skip


def test_a_run_sums_up_its_own_questions(assistant: Assistant) -> None:
    result = run(ASKED, assistant, quiet=True)
    rows = {row["id"]: row for row in result["questions"]}
    assert list(rows) == ["1", "2", "3"]
    assert [(row["refused"], row["refusal_expected"], row["error"]) for row in rows.values()] == [
        (False, False, None),
        (True, True, None),
        (True, True, None),
    ]
    assert result["n"] == 3
    assert result["fingerprints"] == assistant.fingerprints.model_dump()
    assert result["refusals"] == {
        "precision": 1.0,
        "recall": 1.0,
        "refused": 2,
        "expected": 2,
        "precision_interval": (1.0, 1.0),
        "recall_interval": (1.0, 1.0),
    }
    assert {name: summary["latency_ms"]["n"] for name, summary in result["splits"].items()} == {"dev": 1, "test": 2}
    assert {name: summary["latency_ms"]["n"] for name, summary in result["categories"].items()} == {"x": 2, "y": 1}
    first = rows["1"]["values"]
    names = ("recall@1", "citation_recall", "pinpoint_recall", "verbatim", "existence")
    assert {name: first[name] for name in names} == dict.fromkeys(names, 1.0)
    assert {name: result["summary"][name]["mean"] for name in names} == dict.fromkeys(names, 1.0)


def test_retrieval_alone_agrees_with_the_full_run(assistant: Assistant) -> None:
    alone, full = run_retrieval(ASKED, assistant), run(ASKED, assistant, quiet=True)
    assert alone["n"] == 3
    assert alone["summary"] == {name: full["summary"][name] for name in RETRIEVAL}


def test_a_question_that_crashes_is_listed_with_its_error(assistant: Assistant) -> None:
    broken = question(id="9", question="。", gold=[["copyright-law-2020/art-24"]], facts=[["甲"]])
    row = run([broken], assistant, quiet=True)["questions"][0]
    assert row["error"].startswith("InvalidQuestion: ")
    assert (row["values"]["citation_recall"], row["values"]["recall@5"]) == (0.0, 0.0)


def test_a_crash_scores_nothing_on_all_that_it_should_have_given(assistant: Assistant) -> None:
    broken = question(id="9", question="。", gold=[["copyright-law-2020/art-24"]], facts=[["甲"]])
    values = run([broken], assistant, quiet=True)["questions"][0]["values"]
    names = ("recall@1", "recall@5", "recall@10", "rr@10", "citation_recall", "pinpoint_recall", "fact_recall")
    assert {name: values.get(name) for name in names} == dict.fromkeys(names, 0.0)


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    path = tmp_path / "q.jsonl"
    path.write_text("".join(q.model_dump_json() + "\n\n" for q in ASKED), "utf-8")
    return path


def test_run_command_writes_the_result_and_prints_its_summary(index_dir: Path, tmp_path: Path, asked: Path) -> None:
    out = tmp_path / "deep" / "out.json"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AIGC_LAW_")}
    done = subprocess.run(
        [sys.executable, "-m", "evals", "run", "--questions", asked, "--index", index_dir, "--out", out],
        cwd=ROOT, env=environment | {"PYTHONUTF8": "1"}, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in json.loads(out.read_text("utf-8"))["questions"]] == ["1", "2", "3"]
    assert "citation_recall      1.000  [1.000, 1.000]  n=1\n" in done.stdout
    assert "refusal precision    1.000  recall 1.000\n" in done.stdout


def test_retrieval_command_prints_its_figures(index_dir: Path, asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retrieval", "--questions", str(asked), "--index", str(index_dir)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["summary"]["recall@1"] == {"mean": 1.0, "n": 1, "low": 1.0, "high": 1.0}


def test_a_command_without_an_index_ends_with_the_command_that_makes_one(
    tmp_path: Path, asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["retrieval", "--questions", str(asked), "--index", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.endswith(f"python -m ingest --index {tmp_path / 'none'}\n")
