"""Probes that were cut off: what is done is kept, and nothing of it is asked again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from evals import probed
from evals.__main__ import main
from evals.ablations import PARTS, Part, ablations
from evals.planted import DEFECTS, Defect, planted
from evals.questions import Question
from evals.resume import Parts, anew, run_of
from rag.errors import InvalidInput
from rag.pipeline import Assistant
from rag.types import Fingerprints

ROOT = Path(__file__).parent.parent
OF = {"name": "x", "code": "1"}
PRINTS = Fingerprints(corpus="c", index="i", settings="s")
ASKED = [
    Question(id=f"law-{n}", category="c", question=f"著作权法第{n}条是怎么规定的，谁要承担责任？") for n in range(1, 26)
]


def made(value: Any) -> Callable[[], Any]:
    return lambda: value


def never() -> Any:
    raise AssertionError("made again")


def test_parts_are_kept_and_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.tmp"
    first = Parts(path, OF)
    assert (first("a", made({"values": (1, 0.1)})), len(first)) == ({"values": [1, 0.1]}, 1)
    assert path.read_text("utf-8").count("\n") == 2  # at once, not when the file is closed
    first.close()
    again = Parts(path, OF)
    assert (len(again), again("a", never), again("b", made(None)), again("b", never)) == (
        1,
        {"values": [1, 0.1]},
        None,
        None,
    )
    again.forget()
    assert not path.exists()


def test_a_part_that_failed_or_was_cut_off_in_writing_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "x.tmp"
    parts = Parts(path, OF)
    parts("a", made(1))
    parts("b", made(2))
    with pytest.raises(AssertionError, match="made again"):
        parts("c", never)
    parts.close()
    path.write_bytes(path.read_bytes()[:-4])
    again = Parts(path, OF)
    assert (len(again), again("a", never), again("b", made(3)), again("c", made(4))) == (1, 1, 3, 4)
    again.close()
    last = Parts(path, OF)
    assert (last("a", never), last("b", never), last("c", never)) == (1, 3, 4)
    last.close()
    assert len(Parts(path, OF, fresh=True)) == len(Parts(path, OF)) == 0


@pytest.mark.parametrize(
    "before", [b'{"of": {"name": "x", "code": "2"}}\n{"part": "a", "made": 1}\n', b"\x00\xff not ours"]
)
def test_parts_of_another_run_are_not_taken(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "x.tmp"
    path.write_bytes(before)
    assert Parts(path, OF)("a", made(5)) == 5
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == [{"of": OF}, {"part": "a", "made": 5}]


def test_parts_that_cannot_be_written_are_told_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="无法写入文件"):
        Parts(tmp_path / "file" / "x.tmp", OF)


def test_a_run_is_another_when_questions_index_settings_or_options_change() -> None:
    ways = [
        run_of("x", ASKED, PRINTS),
        run_of("y", ASKED, PRINTS),
        run_of("x", ASKED[1:], PRINTS),
        run_of("x", ASKED, PRINTS.model_copy(update={"settings": "t"})),
        run_of("x", ASKED, PRINTS, corpus="elsewhere"),
    ]
    assert len({json.dumps(way, sort_keys=True) for way in ways}) == len(ways)
    assert run_of("x", ASKED, PRINTS) == ways[0]


@contextmanager
def _stop(assistant: Assistant, *_: Path) -> Iterator[Assistant]:
    raise KeyboardInterrupt
    yield assistant


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the questions that are really asked."""
    ids: list[str] = []
    genuine = probed.outcome_of

    def counted(question: Question, *given: Any) -> Any:
        ids.append(question.id)
        return genuine(question, *given)

    monkeypatch.setattr(probed, "outcome_of", counted)
    return ids


def test_planted_defects_go_on_after_the_last_one(assistant: Assistant, tmp_path: Path, answered: list[str]) -> None:
    asked, some = ASKED[:2], [d for d in DEFECTS if d.name in ("wrong article shown", "quotes cut")]
    parts = Parts(tmp_path / "x.tmp", OF)
    with pytest.raises(KeyboardInterrupt):
        planted(asked, assistant, [some[0], Defect("stops", "", _stop), some[1]], quiet=True, keep=parts)
    parts.close()
    assert len(answered) == 3 * len(asked)  # the system twice, one defect
    resumed = planted(asked, assistant, some, quiet=True, keep=Parts(tmp_path / "x.tmp", OF))
    assert len(answered) == 4 * len(asked)
    assert resumed == planted(asked, assistant, some, quiet=True, keep=anew)
    assert len(answered) == 8 * len(asked)


def test_ablations_go_on_after_the_last_part(
    assistant: Assistant, small_corpus: Path, tmp_path: Path, answered: list[str]
) -> None:
    asked, some = ASKED[:2], [part for part in PARTS if part.name in ("exact look-up", "gate")]
    parts = Parts(tmp_path / "x.tmp", OF)
    with pytest.raises(KeyboardInterrupt):
        ablations(asked, assistant, small_corpus, [some[0], Part("stops", _stop, ""), some[1]], quiet=True, keep=parts)
    parts.close()
    resumed = ablations(asked, assistant, small_corpus, some, quiet=True, keep=Parts(tmp_path / "x.tmp", OF))
    assert len(answered) == 3 * len(asked)
    assert resumed == ablations(asked, assistant, small_corpus, some, quiet=True)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_probe_that_is_stopped_goes_on_where_it_was(
    index_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: signal.Signals
) -> None:
    questions, out = tmp_path / "q.jsonl", tmp_path / "out.json"
    kept = tmp_path / "out.json.tmp"
    questions.write_text("\n".join(question.model_dump_json() for question in ASKED), "utf-8")
    arguments = ["perturb", "--questions", str(questions), "--index", str(index_dir), "--out", str(out)]
    running = subprocess.Popen(
        [sys.executable, "-m", "evals", *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (kept.exists() and kept.read_bytes().count(b"\n") > 2) and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(how)
    told = running.communicate(timeout=60)[1]
    done = [json.loads(line)["part"] for line in kept.read_text("utf-8").splitlines()[1:] if line.endswith("}")]
    assert (running.returncode, out.exists()) == (130 if how == signal.SIGINT else -signal.SIGKILL, False)
    assert 2 <= len(done) < len(ASKED)
    if how == signal.SIGINT:
        assert (f"做完的 {len(done)} 部分已存" in told, "已中断" in told, "Traceback" in told) == (True, True, False)
    _mark(kept, done[0])
    assert main(arguments) == 0
    assert f"上次做完 {len(done)} 部分" in capsys.readouterr().out
    result = json.loads(out.read_text("utf-8"))
    # The first question was not asked again, else the mark would be gone; all others were.
    assert {entry["change"] for entry in result["unstable"] if entry["id"] == done[0]} == {"marked"}
    assert (result["n"], kept.exists()) == (len(ASKED), False)


def _mark(kept: Path, part: str) -> None:
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    for line in lines:
        if line.get("part") == part:
            line["made"] = [line["made"][0] | {"change": "marked", "same_refusal": False}]
    kept.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
