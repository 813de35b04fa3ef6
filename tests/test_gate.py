"""The gate by hand: what counts as worse, which questions lost, and the command's exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.__main__ import main
from evals.gate import Change, Drop, changes, drops
from evals.measures import Outcome


def run_of(error: dict[str, str] | None = None, **measures: list[float | None]) -> list[Outcome]:
    """Questions q0, q1 … with these figures; ``error``: question → what it crashed with."""
    n = len(next(iter(measures.values())))
    return [
        Outcome(f"q{i}", "c", "dev", False, False, (error or {}).get(f"q{i}"), {m: c[i] for m, c in measures.items()})
        for i in range(n)
    ]


HUNDRED = [1.0] * 90 + [0.0] * 10


def swapped(losing: int, gaining: int) -> list[float | None]:
    """``HUNDRED`` where the first questions lose and the last gain."""
    return [0.0] * losing + [1.0] * (90 - losing) + [0.0] * (10 - gaining) + [1.0] * gaining


@pytest.mark.parametrize(
    ("losing", "gaining", "worse"),
    [
        pytest.param(0, 0, False, id="unchanged"),
        # A resample without any of the three has a chance of 0.97¹⁰⁰ ≈ 5 %: more than 2.5 %, so that the interval reaches 0.
        pytest.param(3, 0, False, id="three-lost"),
        # … of four 0.96¹⁰⁰ ≈ 1.7 %: all of the interval is below 0, though 0.86 is within the baseline's 0.84 … 0.96.
        pytest.param(4, 0, True, id="four-lost-none-gained"),
        pytest.param(5, 4, False, id="as-many-gained-almost"),
        pytest.param(20, 0, True, id="far-below"),
    ],
)
def test_a_fall_is_judged_question_by_question(losing: int, gaining: int, worse: bool) -> None:
    found = drops(run_of(fact_recall=list(HUNDRED)), run_of(fact_recall=swapped(losing, gaining)))
    assert bool(found) is worse
    if found:
        lost = tuple(f"q{i}" for i in range(losing))
        assert found == [Drop("fact_recall", 0.9, pytest.approx(0.9 - losing / 100), lost)]


def test_a_fall_that_swings_both_ways_is_worse_below_the_interval_of_the_baseline() -> None:
    # 40 of 400 lose 0.5 and 35 gain as much: within chance of the pairs, but the baseline hardly varied.
    before = run_of(fact_recall=[0.5] * 399 + [0.45])
    after = run_of(fact_recall=[0.0] * 40 + [1.0] * 35 + [0.5] * 324 + [0.45])
    assert [drop.measure for drop in drops(before, after)] == ["fact_recall"]


@pytest.mark.parametrize("measure", ["verbatim", "existence", "label_correct", "in_force_correct"])
def test_what_must_always_be_right_may_not_fall_at_all(measure: str) -> None:
    before, after = run_of(**{measure: [1.0] * 400}), run_of(**{measure: [1.0] * 399 + [0.99]})
    assert [(drop.measure, drop.lost) for drop in drops(before, after)] == [(measure, ("q399",))]
    assert drops(after, before) == []


@pytest.mark.parametrize("measure", ["forbidden", "hallucinated"])
def test_less_of_what_is_wrong_is_better(measure: str) -> None:
    few, many = run_of(**{measure: [1.0] * 2 + [0.0] * 98}), run_of(**{measure: [1.0] * 12 + [0.0] * 88})
    assert drops(many, few) == []
    assert [(drop.measure, drop.lost) for drop in drops(few, many)] == [(measure, tuple(f"q{i}" for i in range(2, 12)))]


@pytest.mark.parametrize("measure", ["latency_ms", "claim_support", "incomplete"])
def test_what_says_nothing_is_not_judged(measure: str) -> None:
    assert drops(run_of(**{measure: [1.0] * 50}), run_of(**{measure: [0.0] * 50})) == []


def test_only_questions_of_both_runs_are_compared() -> None:
    before = run_of(fact_recall=[1.0] * 50)
    assert drops(before, before[:10]) == []
    assert drops(before[:10], run_of(fact_recall=[1.0] * 10 + [0.0] * 40)) == []
    unjudged = run_of(fact_recall=[None] * 10 + [1.0] * 40)
    assert drops(before, unjudged) == []


def test_a_crash_is_named() -> None:
    before, after = run_of(m=[1.0] * 3), run_of({"q1": "ValueError: x"}, m=[1.0] * 3)
    assert drops(before, after) == [Drop("answers that came", 3, 2, ("q1",))]
    assert drops(after, before) == []


def test_gains_and_losses_by_question() -> None:
    before = run_of(**{"recall@5": [1.0, 0.5, 0.0], "hallucinated": [0.0, 0.0, 1.0], "other": [1.0, 1.0, 1.0]})
    after = run_of(**{"recall@5": [0.5, 0.50004, 1.0], "hallucinated": [1.0, 0.0, 0.0], "other": [0.0, 0.0, 0.0]})
    assert changes(before, after) == [
        Change("recall@5", gained=("q2",), lost=("q0",)),
        Change("hallucinated", gained=("q2",), lost=("q0",)),
    ]


# --- the command ---


def stored(path: Path, outcomes: list[Outcome], **fields: Any) -> Path:
    questions = [
        {
            "id": o.id, "category": o.category, "split": o.split, "refused": o.refused,
            "refusal_expected": o.refusal_expected, "error": o.error, "values": o.values,
        }
        for o in outcomes
    ]  # fmt: skip
    head = {"system": "s", "fingerprints": {"corpus": "c"}, "commit": None, "n": len(questions), "summary": {}, "refusals": {}}  # fmt: skip
    path.write_text(json.dumps(head | fields | {"questions": questions}), "utf-8")
    return path


def test_the_command_fails_on_a_worse_run_and_names_the_questions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = stored(tmp_path / "good.json", run_of(fact_recall=[1.0] * 20))
    bad = stored(tmp_path / "bad.json", run_of(fact_recall=[0.0] * 5 + [1.0] * 15), fingerprints={"corpus": "d"})
    assert main(["gate", str(good), "--against", str(good)]) == 0
    assert capsys.readouterr().out == "通过：与基线同有的 20 题，0 项指标变差。\n"
    assert main(["gate", str(bad), "--against", str(good)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "fact_recall        变好 0：无  变差 5：q0、q1、q2、q3、q4",
        "与基线不同的：corpus。",
        "变差：fact_recall 1.000 → 0.750  变差的题：q0、q1、q2、q3、q4",
        "未通过：与基线同有的 20 题，1 项指标变差。",
    ]


def test_a_run_is_accepted_as_the_new_baseline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = stored(tmp_path / "bad.json", run_of(fact_recall=[0.0] * 5 + [1.0] * 15, latency_ms=[7.0] * 20))
    baseline = tmp_path / "new" / "baseline.json"
    assert main(["gate", str(bad), "--against", str(baseline)]) == 2
    assert capsys.readouterr().err.endswith("下一步：运行：python -m evals gate --accept\n")
    assert main(["gate", str(bad), "--against", str(baseline), "--accept"]) == 0
    assert main(["gate", str(bad), "--against", str(baseline)]) == 0
    assert json.loads(baseline.read_text("utf-8"))["questions"][0]["values"] == {"fact_recall": 0.0}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"questions": [{"id": "q"}]}', '{"questions": [1]}'])
def test_a_damaged_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    (tmp_path / "run.json").write_text(content, "utf-8")
    assert main(["gate", str(tmp_path / "run.json")]) == 2
    assert capsys.readouterr().err.startswith("错误：没有可用的评测结果：")
