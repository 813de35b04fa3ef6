"""Second readers: what those who wrote neither question nor gold nor label say of them, and how far they agree.

A reader of questions (``readings.jsonl``) saw the question, its date and the turns before it, and the corpus; neither gold nor any answer. A
reader of answers (``labels.jsonl``) saw what the judge of ``evals.judge`` sees, and no label.
"""
