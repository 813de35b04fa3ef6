"""A chat model as judge, optional: whether an answer is right and rests on its sources, and which of two answers is better.

The flow: ``cases`` (what is judged) → ``prompts`` → ``ask`` the model → ``verdicts`` (strictly read) → ``agreement`` with answers that a person
labelled (``labelled.jsonl``), without which ``command`` shows no score.
"""
