"""Word lists of the domain, as data."""

from functools import lru_cache
from importlib.resources import files


@lru_cache
def word_list(name: str) -> tuple[str, ...]:
    """Lines of ``rag/data/NAME.txt``, without comments and blank lines."""
    lines = files(__name__).joinpath(f"{name}.txt").read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
