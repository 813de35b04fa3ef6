"""``python -m evals gate``: is the latest run worse than the committed baseline? Runs nothing itself."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals import report
from evals.gate import NOT_JUDGED, Change, changes, drops
from evals.stored import outcomes, read_run, slim, write_run

_SHOWN_IDS = 30


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "latest", type=Path, nargs="?", default=report.LATEST, metavar="FILE.json",
        help=f"要检查的结果（evals run --out），默认 {report.LATEST.name}",
    )  # fmt: skip
    command.add_argument(
        "--against", type=Path, default=report.BASELINE, metavar="FILE.json", help=f"基线，默认 {report.BASELINE.name}"
    )
    command.add_argument("--accept", action="store_true", help="把这次结果记为新的基线")
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """1 where something got worse."""
    latest = read_run(arguments.latest)
    if arguments.accept:
        write_run(slim(latest, NOT_JUDGED), arguments.against)
        print(f"已记为基线：{arguments.against}")
        return 0
    baseline = read_run(arguments.against, next_step="运行：python -m evals gate --accept")
    before, after = outcomes(baseline), outcomes(latest)
    for change in changes(before, after):
        print(_told(change))
    _note(baseline, latest)
    found = drops(before, after)
    for drop in found:
        print(f"变差：{drop}  变差的题：{_listed(drop.lost)}")
    asked = len({o.id for o in before} & {o.id for o in after})
    print(f"{'未通过' if found else '通过'}：与基线同有的 {asked} 题，{len(found)} 项指标变差。")
    return int(bool(found))


def _note(baseline: dict[str, Any], latest: dict[str, Any]) -> None:
    """Two runs of different things are compared all the same: that is what a gate is for."""
    old, new = baseline["fingerprints"] or {}, latest["fingerprints"] or {}
    if changed := [name for name in old if old[name] != new.get(name)]:
        print(f"与基线不同的：{'、'.join(changed)}。")
    if baseline["system"] != latest["system"]:
        print(f"基线是 {baseline['system']}，这次是 {latest['system']}。")


def _told(change: Change) -> str:
    return f"{change.measure:18} 变好 {len(change.gained)}：{_listed(change.gained)}  变差 {len(change.lost)}：{_listed(change.lost)}"


def _listed(ids: Sequence[str]) -> str:
    return ("、".join(ids[:_SHOWN_IDS]) + ("……" if len(ids) > _SHOWN_IDS else "")) or "无"
