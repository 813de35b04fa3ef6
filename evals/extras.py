"""What the suite needs beyond the product: checked before anything runs."""

from __future__ import annotations

from importlib.util import find_spec

from rag.errors import InvalidInput

_NEEDED = ("scipy", "ir_measures")


def require() -> None:
    """
    Raises:
        InvalidInput: a package of the extra ``eval`` is missing.
    """
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise InvalidInput(
            f"评测所需的软件包没有安装：{'、'.join(missing)}。",
            next_step="安装附加依赖：pip install 'aigc-law-qa[eval]'。",
        )
