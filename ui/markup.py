"""The answer's Markdown, made fit for Streamlit: markers as links, support marks, nothing that loads from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rag import Answer, Claim
from rag.generate.marks import MARKS
from ui.labels import support_badge

ANCHOR = "#cite-"
"""Links to ``#cite-TURN-N`` are caught on the page and open citation N of turn TURN."""

_MARKER = re.compile(r"\[(\d{1,3})\](?!\()")
_SENTENCE = re.compile(r".+?(?:[。；！？](?:\[\d{1,3}\])*|\n+|$)", re.DOTALL)
# Formulas ($), emoji, icons and colours (:name: and :name[) are Streamlit's own; images would load from outside.
_STREAMLIT_ONLY = re.compile(r"\$|:(?=[A-Za-z][\w+-]*[\[:/])|!(?=\[)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$:])")


def sentences(markdown: str) -> Iterator[str]:
    """The pieces of a text, each ending after a sentence and its markers; joined they are the text."""
    return (match.group() for match in _SENTENCE.finditer(markdown))


def plain(text: str) -> str:
    """Markdown in which Streamlit sees no more than Markdown."""
    return _STREAMLIT_ONLY.sub(lambda match: "\\" + match.group(), text)


def literal(text: str) -> str:
    """Text in which Markdown sees nothing but text, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def quote_markdown(quote: str) -> str:
    """A quote as text; a table as a table."""
    is_table = all(line.startswith("|") for line in quote.splitlines())
    return plain(quote) if is_table else literal(quote)


def chip(turn: int, n: int, label: str) -> str:
    """``[n]`` as a link that opens citation ``n`` of a turn, with the citation's label as its hint."""
    hint = label.replace("\\", "").replace('"', "”")
    return f'[\\[{n}\\]]({ANCHOR}{turn}-{n} "{hint}")'


def draft_markdown(markdown: str) -> str:
    """An answer that is still being written: its markers stand out, but there is nothing to open yet."""
    for support, mark in MARKS.items():
        markdown = markdown.replace(mark, f" {support_badge(support)} ") if mark else markdown
    return _MARKER.sub(r":gray[\[\1\]]", plain(markdown))


def answer_markdown(answer: Answer, turn: int) -> tuple[str, tuple[Claim, ...]]:
    """The answer with chips and with a mark after each claim that its sources do not fully carry.

    Returns the Markdown and the claims in need of a mark that stand nowhere in it.
    """
    markdown, lost = plain(answer.answer), []
    for claim in answer.claims:
        shown = plain(claim.text)
        # A source may number its own notes [1]; inside a claim's text that is no marker.
        guarded = _MARKER.sub(r"\\[\1\\]", shown)
        markdown = markdown.replace(shown, guarded)
        if claim.support == "supported":
            continue
        found = re.search(re.escape(guarded) + r"(?:\[\d+\])*", markdown)
        if found is None:
            lost.append(claim)
        else:
            rest = markdown[found.end() :].removeprefix(MARKS[claim.support])
            markdown = f"{markdown[: found.end()]} {support_badge(claim.support)} {rest}"
    return _MARKER.sub(_opener(answer, turn), markdown), tuple(lost)


def _opener(answer: Answer, turn: int) -> Callable[[re.Match[str]], str]:
    labels = {citation.n: citation.label for citation in answer.citations}

    def replace(match: re.Match[str]) -> str:
        n = int(match[1])
        return chip(turn, n, labels[n]) if n in labels else f"\\[{n}\\]"

    return replace
