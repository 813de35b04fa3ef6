"""The commands of ``python -m evals``: each says what it takes, and only the one that is asked for is imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

from evals.__main__ import COMMANDS, main

_LOADED = """
import sys
from evals.__main__ import main
try:
    main(sys.argv[1:])
except SystemExit:
    print(sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_takes(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    shown = capsys.readouterr().out
    assert (ended.value.code, shown.splitlines()[0].split("[")[0].strip()) == (0, f"usage: python -m evals {command}")
    assert [line for line in shown.splitlines() if line.startswith("  --")] != []


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    entries = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]
    assert [words[0] for words in entries if words[0] in COMMANDS] == list(COMMANDS)


def test_help_imports_nothing_of_the_product() -> None:
    ran = subprocess.run([sys.executable, "-c", _LOADED, "--help"], capture_output=True, text=True, check=True)
    assert "usage: python -m evals" in ran.stdout
    loaded = set(ran.stderr.strip("[]\n").replace("'", "").split(", "))
    assert "evals" in loaded
    assert loaded & {"rag", "ingest", "numpy", "scipy", "pydantic", "httpx", "langchain_core"} == set()
