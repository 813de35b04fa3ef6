"""How many planted errors of a language model the check catches, and how many true sentences it marks: ``outputs.jsonl``, ``measure``."""
