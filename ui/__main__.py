"""``python -m ui``: serve the chat on this machine."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

APP = Path(__file__).with_name("app.py")

_FONTS = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"

FLAGS = (
    "--server.headless=true",  # no browser, no e-mail prompt
    "--server.address=localhost",  # this machine only; whoever publishes it does so on purpose
    "--server.fileWatcherType=none",
    "--browser.gatherUsageStats=false",
    "--client.toolbarMode=minimal",
    "--client.showErrorDetails=none",
    "--theme.base=light",
    "--theme.primaryColor=#2f5d8a",
    "--theme.backgroundColor=#fbfaf7",
    "--theme.secondaryBackgroundColor=#f1efe9",
    "--theme.textColor=#24272b",
    "--theme.linkColor=#2f5d8a",
    f"--theme.font={_FONTS}",
    f"--theme.headingFont={_FONTS}",
)
"""Given here rather than in ``.streamlit/config.toml``, which Streamlit would look for in the current folder."""


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    if options.index is not None:
        os.environ["AIGC_LAW_INDEX"] = str(options.index)
    from streamlit.web import cli

    cli.main(["run", str(APP), f"--server.port={options.port}", *FLAGS], prog_name="streamlit")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ui", description="在本机打开问答页面（Ctrl+C 停止）。")
    parser.add_argument("--port", type=int, default=8501, help="端口，默认 8501")
    parser.add_argument("--index", type=Path, help="索引文件夹，默认 AIGC_LAW_INDEX 或 .index")
    return parser


if __name__ == "__main__":
    main()
