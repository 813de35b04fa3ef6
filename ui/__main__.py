"""``python -m ui``: serve the chat on this machine; ``python -m ui complaints``: what its readers reported."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ui import warm

APP = Path(__file__).with_name("app.py")

_FONTS = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"

COLOURS = {
    "light": {
        "primaryColor": "#2f5d8a",
        "backgroundColor": "#fbfaf7",
        "secondaryBackgroundColor": "#f1efe9",
        "textColor": "#24272b",
        "linkColor": "#2f5d8a",
    },
    "dark": {
        "primaryColor": "#8ab4e0",
        "backgroundColor": "#15181b",
        "secondaryBackgroundColor": "#1d2125",
        "textColor": "#e6e4df",
        "linkColor": "#8ab4e0",
    },
}
FLAGS = (
    "--server.headless=true",  # no browser, no e-mail prompt
    "--server.address=localhost",  # this machine only; whoever publishes it does so on purpose
    "--server.fileWatcherType=none",
    "--server.disconnectedSessionTTL=1800",  # a laptop that slept for half an hour finds its dialogue again
    "--runner.postScriptGC=false",  # ui.warm does it
    "--browser.gatherUsageStats=false",
    "--client.toolbarMode=minimal",
    "--client.showErrorDetails=none",
    *(f"--theme.{base}.{name}={colour}" for base, colours in COLOURS.items() for name, colour in colours.items()),
    f"--theme.font={_FONTS}",
    f"--theme.headingFont={_FONTS}",
)
"""Given here rather than in ``.streamlit/config.toml``, which Streamlit would look for in the current folder."""


def main(arguments: Sequence[str] | None = None) -> None:
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["complaints"]:
        from ui.complaints import main as complaints  # with SQLAlchemy, which the server itself loads later

        sys.exit(complaints(words[1:]))
    options = _parser().parse_args(words)
    if options.index is not None:
        os.environ["AIGC_LAW_INDEX"] = str(options.index)
    from streamlit.web import cli

    warm.load_page()
    warm.begin()
    cli.main(["run", str(APP), f"--server.port={options.port}", *FLAGS], prog_name="streamlit")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ui",
        description="在本机打开问答页面（Ctrl+C 停止）。",
        epilog="另有：python -m ui complaints（使用者的投诉和评价），有 --help。",
    )
    parser.add_argument("--port", type=int, default=8501, help="端口，默认 8501")
    parser.add_argument("--index", type=Path, help="索引文件夹，默认 AIGC_LAW_INDEX 或 .index")
    return parser


if __name__ == "__main__":
    main()
