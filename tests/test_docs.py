"""The READMEs tell the truth: their commands exist, their example is what the product answers, both languages say the same."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from rag.pipeline import Assistant
from tests.conftest import ROOT

ENGLISH = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
FIRST_SCREEN = 45


def _code(readme: str) -> list[str]:
    return re.findall(r"```(?:sh|python)\n(.*?)```", readme, re.DOTALL)


def test_first_screen_has_the_two_commands_and_the_answer() -> None:
    for readme in (ENGLISH, CHINESE):
        screen = "\n".join(readme.splitlines()[:FIRST_SCREEN])
        assert 'make ask Q="广州奥特曼案里，平台为什么要承担赔偿责任？"' in screen
        assert "make test" in screen
        assert "(2024)粤0192民初113号" in screen


def test_both_readmes_give_the_same_commands() -> None:
    def bare(block: str) -> list[str]:
        return [line.partition("  #")[0].rstrip() for line in block.splitlines()]

    assert [bare(block) for block in _code(ENGLISH)] == [bare(block) for block in _code(CHINESE)]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", ENGLISH + CHINESE))))
def test_make_targets_of_the_readme_exist(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("command", sorted(set(re.findall(r"python -m ((?:rag|evals) \w+|ingest)", ENGLISH))))
def test_commands_of_the_readme_have_help(command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command.split(), "--help"], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout.startswith("usage: python -m " + command)) == (0, True), done.stderr


@pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=["english", "chinese"])
def test_the_example_is_what_the_product_answers(readme: str, product: Assistant) -> None:
    question = re.search(r"> \*\*(.+?)\*\*", readme)
    assert question is not None
    answer = product.answer(question[1]).answer
    shown = [line.removeprefix("> ") for line in readme.splitlines() if line.startswith("> ") and "[" in line]
    pieces = [piece.strip() for line in shown for piece in re.split(r"…|(?<=\])\s", line) if len(piece.strip()) > 3]
    assert len(pieces) > 8
    assert [piece for piece in pieces if piece not in answer] == []


@pytest.mark.parametrize(
    "setting", sorted(set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", ENGLISH.split("## Settings")[1].split("##")[0])))
)
def test_settings_of_the_readme_exist(setting: str) -> None:
    from rag.settings import Settings

    assert setting.lower() in Settings.model_fields or setting == "AIGC_LAW_"
