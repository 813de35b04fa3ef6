"""Text as everything else takes it: normalised for matching, printable for people and files."""

from __future__ import annotations

import unicodedata

from rag.simplify import simplify


def plain(text: str) -> str:
    """NFKC, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def normalise(text: str) -> str:
    """``plain``, as mainland sources write it: what training, indexing and searching do to a text before they cut it up."""
    return simplify(plain(text))


def printable(text: str) -> str:
    """Text without halves of broken characters, which no file or terminal takes; they become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
