"""The benchmark: this project beside what people use instead, on the same documents and questions, in one run on one machine.

In the order of the flow: ``corpora`` (what is searched and asked) → ``systems`` (who searches; ``ours``, ``peers``) → ``worker`` (one fresh
process for each measurement) → ``ranks`` (what a ranking is worth) → ``run`` (everything, with results kept) → ``page`` and ``plots``.
"""

DEPTH = 100
"""Articles of a ranking that are looked at."""
