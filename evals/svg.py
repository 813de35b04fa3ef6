"""Figures of result pages as SVG: the same bytes for the same numbers, and a stamp by which a page knows whether its figure is current."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rag.errors import InvalidInput

_STAMP = re.compile(r"data [0-9a-f]{16}")
_SALT = "aigc-law-qa"

Paint = Callable[[Any, Any], None]
"""Puts the numbers (second) into a matplotlib figure (first)."""


def is_current(path: Path, data: Any) -> bool:
    """Whether the file is the figure of ``data``; needs no matplotlib."""
    return path.exists() and (found := _STAMP.search(path.read_text("utf-8"))) is not None and found[0] == _stamp(data)


def redraw(folder: Path, figures: Mapping[str, Any], paint: Callable[[str], tuple[Paint, tuple[float, float]]]) -> None:
    """Draw those of ``figures`` (file name → numbers) that are not current; ``paint`` gives painter and size in inches for a name.

    Raises:
        InvalidInput: there is something to draw, and no matplotlib.
    """
    stale = {name: data for name, data in figures.items() if not is_current(folder / name, data)}
    if stale and find_spec("matplotlib") is None:
        raise InvalidInput(
            f"不能画图：{'、'.join(stale)}。", why="没有安装 matplotlib", next_step="安装附加依赖 aigc-law-qa[eval]。"
        )
    for name, data in stale.items():
        draw(folder / name, data, *paint(name))


def draw(path: Path, data: Any, paint: Paint, size: tuple[float, float]) -> None:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "path", "font.size": 9, "axes.grid": True}):
        figure: Any = Figure(figsize=size, layout="constrained")
        paint(figure, data)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": _SALT, "Description": _stamp(data)})


def _stamp(data: Any) -> str:
    return "data " + hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
