"""How sources hang together: from a law to the judgments that apply it, to what implements it, to its other versions."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

import pytest

import rag
from ingest.read import load
from ingest.sources import corpus_files
from ingest.split import split
from rag.pipeline import Assistant
from rag.relations import Links, Relations
from rag.settings import Settings
from rag.types import DocumentMeta
from tests.conftest import CORPUS

LAW = "copyright-law-2020"
EARLIER_LAW = "copyright-law-2010"


def meta(identifier: str, **fields: object) -> DocumentMeta:
    return DocumentMeta.model_validate({"id": identifier, "title": identifier, "kind": "law", **fields})


METAS = [
    meta("old", articles=12, repealed="2021-01-01"),
    meta(
        "new",
        articles=12,
        effective="2021-01-01",
        supersedes="old",
        renumbered={"art-1": "art-1", "art-2": "art-3", "art-4": None, "art-5": "art-6", "art-7": "art-6"},
    ),
    meta("newer", supersedes="new", renumbered={"art-3": "art-12"}),
    meta("rules", implements=[{"of": "new"}, {"of": "new/art-3", "passage": "art-8"}, {"of": "new", "passage": "art-9"}]),
    meta("guide", kind="standard", implements=[{"of": "rules/art-8", "why": "细节"}]),
    meta("first", kind="judgment", applies=["new/art-1", "new/art-3", "rules/art-8"]),
    meta("second", kind="judgment", applies=["new/art-12", "new/art-1"]),
    meta("third", kind="judgment", applies=["newer"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def relations() -> Relations:
    return Relations({m.id: m for m in METAS})


LINKS = [
    # Documents: what a law's articles are applied by is what the law is applied by.
    Links(id="old", later=("new",)),
    Links(
        id="new",
        applied_by=("first", "second"),
        implemented_by=("rules", "rules/art-8", "rules/art-9"),
        earlier=("old",),
        later=("newer",),
    ),
    Links(id="newer", applied_by=("third",), earlier=("new",)),
    Links(id="rules", applied_by=("first",), implements=("new", "new/art-3"), implemented_by=("guide",)),
    Links(id="guide", implements=("rules/art-8",)),
    Links(id="first", applies=("new/art-1", "new/art-3", "rules/art-8")),
    Links(id="second", applies=("new/art-12", "new/art-1")),
    # Passages
    Links(id="new/art-1", applied_by=("first", "second"), earlier=("old/art-1",)),
    Links(
        id="new/art-3",
        applied_by=("first",),
        implemented_by=("rules/art-8",),
        earlier=("old/art-2",),
        later=("newer/art-12",),
    ),
    Links(id="new/art-12", applied_by=("second",)),
    Links(id="new/art-6", earlier=("old/art-5", "old/art-7")),
    Links(id="newer/art-12", earlier=("new/art-3",)),
    Links(id="old/art-2", later=("new/art-3",)),
    Links(id="old/art-5", later=("new/art-6",)),
    Links(id="rules/art-8", applied_by=("first",), implements=("new/art-3",), implemented_by=("guide",)),
    Links(id="rules/art-9", implements=("new",)),
    # Without a link of their own
    Links(id="old/art-4"),  # left out of the later version
    Links(id="new/art-2"),
    Links(id="first/court-view"),
    # Unknown
    Links(id="ne"),
    Links(id="missing"),
    Links(id="missing/art-1"),
    Links(id="new/art-99"),
    Links(id=""),
]


@pytest.mark.parametrize("expected", LINKS, ids=lambda links: links.id or "nothing")
def test_links(relations: Relations, expected: Links) -> None:
    assert relations.links(expected.id) == expected


@pytest.mark.parametrize("expected", LINKS, ids=lambda links: links.id or "nothing")
def test_every_link_leads_back(relations: Relations, expected: Links) -> None:
    document = expected.id.partition("/")[0]
    for place in expected.applies:
        assert expected.id in relations.links(place).applied_by
    for place in expected.applied_by:
        assert any(
            target == expected.id or target.startswith(f"{expected.id}/") for target in relations.links(place).applies
        )
    for place in expected.implemented_by:
        assert any(target.startswith(document) for target in relations.links(place).implements)
    for place in expected.earlier:
        assert expected.id in relations.links(place).later
    for place in expected.later:
        assert expected.id in relations.links(place).earlier


def test_earlier_version_that_is_not_at_hand_is_no_link() -> None:
    assert Relations({"new": METAS[1]}).links("new").earlier == ()


def test_article_of_an_earlier_version_that_is_not_at_hand_is_no_link() -> None:
    assert Relations({"new": METAS[1]}).links("new/art-3").earlier == ()


def test_positions_are_listed_by_issue() -> None:
    positions = [{"issue": issue, "position": "p", "passage": "text", "anchor": "x"} for issue in ("one", "two")]
    found = Relations({i: meta(i, positions=positions) for i in ("a", "b")}).positions
    assert {issue: [taken.passage_id for taken in side] for issue, side in found.items()} == {
        "one": ["a/text", "b/text"],
        "two": ["a/text", "b/text"],
    }


# --- the corpus as shipped -------------------------------------------------------------------------------------------


@cache
def shipped() -> dict[str, DocumentMeta]:
    documents = (load(path, root=CORPUS) for path in corpus_files(CORPUS) if "official" not in path.parts)
    return {document.id: document.meta for document in documents}


@cache
def articles(identifier: str) -> frozenset[str]:
    """Slugs of the articles that a document gives."""
    document = load(CORPUS / "regulations" / f"{identifier}.md", root=CORPUS)
    return frozenset(passage.id.partition("/")[2] for passage in split(document) if passage.article)


@pytest.fixture(scope="module")
def shipped_relations() -> Relations:
    return Relations(shipped())


VERSIONS = [m for m in shipped().values() if m.renumbered]


def test_both_versions_of_the_copyright_law_are_linked(shipped_relations: Relations) -> None:
    assert shipped_relations.links(LAW).earlier == (EARLIER_LAW,)
    assert shipped_relations.links(EARLIER_LAW).later == (LAW,)


def test_every_article_given_of_the_earlier_copyright_law_has_its_place_in_the_later_one() -> None:
    renumbered = shipped()[LAW].renumbered
    assert articles(EARLIER_LAW) <= renumbered.keys()
    assert {new for old, new in renumbered.items() if new} <= articles(LAW)


@pytest.mark.parametrize(
    ("old", "new"), [("art-49", "art-54"), ("art-22", "art-24"), ("art-1", "art-1"), ("art-47", "art-52")]
)
def test_article_of_2010_and_its_place_in_2020(shipped_relations: Relations, old: str, new: str) -> None:
    assert shipped_relations.links(f"{EARLIER_LAW}/{old}").later == (f"{LAW}/{new}",)
    assert shipped_relations.links(f"{LAW}/{new}").earlier == (f"{EARLIER_LAW}/{old}",)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda m: m.id)
def test_every_renumbered_article_is_one_of_both_versions(version: DocumentMeta) -> None:
    earlier = shipped()[version.supersedes or ""]
    for old, new in version.renumbered.items():
        for slug, of in ((old, earlier), (new, version)):
            found = re.fullmatch(r"art-([1-9]\d*)(?:-\d+)?", slug or "art-1")
            assert found, slug
            assert of.articles is None or int(found[1]) <= of.articles
        # An article may be left out of a version of which only some are given; else it has to be there.
        assert new is None or version.partial or new in articles(version.id)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda m: m.id)
def test_articles_keep_their_order_when_they_are_renumbered(version: DocumentMeta) -> None:
    places = [int(new.split("-")[1]) for new in version.renumbered.values() if new]
    out_of_order = sum(later < earlier for earlier, later in pairwise(places))
    # Chapters may change places; a table that jumps at every other line has been misread.
    assert out_of_order <= len(places) // 10


@pytest.mark.parametrize("meta", shipped().values(), ids=lambda m: m.id)
def test_links_of_every_shipped_document_lead_back(shipped_relations: Relations, meta: DocumentMeta) -> None:
    for place in meta.applies:
        assert meta.id in shipped_relations.links(place).applied_by
        assert meta.id in shipped_relations.links(place.partition("/")[0]).applied_by
    for relation in meta.implements:
        by = f"{meta.id}/{relation.passage}" if relation.passage else meta.id
        assert by in shipped_relations.links(relation.of).implemented_by
        assert relation.of in shipped_relations.links(by).implements


def test_python_gives_the_links_of_the_index(assistant: Assistant, settings: Settings) -> None:
    applied = rag.links("copyright-law-2020/art-3", settings=settings)
    assert applied == assistant.links("copyright-law-2020/art-3")
    by_front_matter = [
        m.id for m in assistant.index.catalog.metas.values() if "copyright-law-2020/art-3" in m.applies
    ]  # fmt: skip
    assert list(applied.applied_by) == by_front_matter != []
    assert rag.links("no-such-document", settings=settings) == Links(id="no-such-document")
