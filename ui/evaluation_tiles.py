"""The headline figures as tiles: plain HTML, each figure with its interval as text and as a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from evals.results_file import EvalResults, Figure
from ui.evaluation import named, percent, wilson
from ui.words import say

TILES = (
    "citation_recall", "pinpoint_recall", "fact_recall", "verbatim", "claim_support", "citation_precision", "forbidden",
)  # fmt: skip

CSS = """
<style>
ul.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .8rem; margin: .4rem 0 1rem !important; padding: 0 !important; }
.tiles > li { list-style: none; margin: 0; padding: .9rem 1rem; background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; }
.tiles b { display: block; font-size: .95rem; font-weight: 600; color: var(--ink); }
.tiles .figure { font-size: 1.75rem; line-height: 1.3; font-variant-numeric: tabular-nums; color: var(--ink); }
.tiles .track { position: relative; height: 6px; margin: .3rem 0 .45rem; border-radius: 3px; background: var(--line); }
.tiles .span { position: absolute; top: 0; height: 6px; min-width: 2px; border-radius: 3px; background: var(--accent); opacity: .5; }
.tiles .mean { position: absolute; top: -2px; width: 10px; height: 10px; margin-left: -5px; border-radius: 5px; background: var(--accent); }
.tiles small { display: block; font-size: .8rem; line-height: 1.55; color: var(--quiet); }
@media (max-width: 480px) {
  ul.tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
  .tiles > li { padding: .7rem .75rem; }
  .tiles .figure { font-size: 1.4rem; }
}
.st-key-evaluation h2 { margin-top: 1.2rem; font-size: 1.35rem; }
.st-key-evaluation h3 { font-size: 1.1rem; }
.st-key-evaluation { max-width: 60rem; }
[class*="st-key-problem-"] { padding: .8rem 1rem; border: 1px solid var(--warn-line); border-radius: .5rem; background: var(--warn); }
[class*="st-key-failed-"] ul { margin-bottom: .6rem; }
</style>
"""


@dataclass(frozen=True, slots=True)
class Tile:
    """A share with its interval and the number of questions that it is over; ``about`` says what it means."""

    name: str
    about: str
    mean: float
    low: float
    high: float
    n: int


def tiles(results: EvalResults) -> list[Tile]:
    """The measures that say most, then refusing as detection."""
    found = [
        _tile(named("m", measure), named("about", measure), results.summary[measure])
        for measure in TILES
        if measure in results.summary
    ]
    refusals = results.refusals
    for name, mean, n in (
        ("refusal_precision", refusals.precision, refusals.refused),
        ("refusal_recall", refusals.recall, refusals.expected),
    ):
        if n:
            low, high = wilson(mean, n)
            found.append(Tile(say(f"evaluation.{name}"), named("about", name), mean, low, high, n))
    return found


def _tile(name: str, about: str, figure: Figure) -> Tile:
    low, high = (figure.mean if end is None else end for end in (figure.low, figure.high))
    return Tile(name, about, figure.mean, low, high, figure.n)


def tiles_html(shown: Iterable[Tile]) -> str:
    return f'<ul class="tiles">{"".join(_html(tile) for tile in shown)}</ul>'


def _html(tile: Tile) -> str:
    ends = say("evaluation.interval", low=percent(tile.low), high=percent(tile.high), n=tile.n)
    line = (
        f'<div class="track" aria-hidden="true"><div class="span" style="left:{tile.low:.2%};width:{tile.high - tile.low:.2%}"></div>'
        f'<div class="mean" style="left:{tile.mean:.2%}"></div></div>'
    )
    return (
        f'<li><b>{escape(tile.name)}</b><div class="figure">{percent(tile.mean)}</div>{line}'
        f"<small>{escape(ends)}</small><small>{escape(tile.about)}</small></li>"
    )
