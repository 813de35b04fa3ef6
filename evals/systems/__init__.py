"""Systems under test: this project's modes, baselines that are really run, and any outside system, behind one protocol."""

from evals.systems.ours import Ours
from evals.systems.protocol import System
from evals.systems.registry import named

__all__ = ["Ours", "System", "named"]
