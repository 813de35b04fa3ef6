"""Document families and their split: whatever is tuned on dev questions has not seen the family of a test question.

A family is what is read together: the versions of a law with its regulation and interpretation, a case with its appeal, else one document.
Questions q001–q144 are older than this rule: a family that they ask about stays in the split where most of them have it (``KEPT``). Any other
family goes to dev or test by a hash of its name, three in five to test; a question without gold goes by a hash of its id.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from evals.questions import Question

Split = Literal["dev", "test"]

FIRST = 145  # the first question that the rule covers

# Beginning of a document's id → its family; any other document is a family of its own.
SHARED = {
    "civil-code-": "civil-code",
    "copyright-interpretation-": "copyright-law",
    "copyright-law-": "copyright-law",
    "copyright-regulation-": "copyright-law",
    "criminal-law-": "criminal",
    "cybersecurity-law-": "cybersecurity-law",
    "face-recognition-": "pipl",
    "gb-45438-": "labelling",
    "internet-court-jurisdiction-": "jurisdiction",
    "ip-criminal-": "criminal",
    "ip-first-instance-": "jurisdiction",
    "jp-": "japan",
    "labelling-measures-": "labelling",
    "network-dissemination-": "network-dissemination",
    "network-personality-": "civil-code",
    "pipl-": "pipl",
    "unfair-competition-law-": "unfair-competition-law",
}

KEPT: dict[str, Split] = {
    "ai-voice-2024": "test",
    "aigc-interim-measures-2023": "dev",
    "aigc-paper": "test",
    "algorithm-recommendation-2022": "test",
    "banxin-2024": "test",
    "civil-code": "dev",
    "copyright-law": "dev",
    "deep-synthesis-2022": "test",
    "dreamwriter-2019": "dev",
    "eu-ai-act-2024": "test",
    "guangzhou-ultraman-2024": "dev",
    "labelling": "dev",
    "medusa-2025": "test",
    "text-to-image-2023": "test",
    "wolters-feilin-2019": "test",
}


def family(pinpoint: str) -> str:
    """``copyright-law-2010/art-49/p2`` → ``copyright-law``."""
    document = pinpoint.split("/")[0]
    return next((name for start, name in SHARED.items() if document.startswith(start)), document)


def families(question: Question) -> set[str]:
    return {family(place) for alternatives in question.gold for place in alternatives}


def split_of(name: str) -> Split:
    """The split of a family, or of a question without gold by its id."""
    return KEPT.get(name) or ("test" if int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10 < 6 else "dev")
