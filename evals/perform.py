"""Perform a command as people see it: what goes wrong is told on one line, and gives exit status 2."""

from __future__ import annotations

import argparse
import sys

from rag.errors import AigcLawError


def perform(arguments: argparse.Namespace) -> int:
    """The exit status of ``arguments.run``."""
    try:
        return int(arguments.run(arguments))
    except AigcLawError as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("已中断。", file=sys.stderr)
        return 130  # as a shell says of what was interrupted
