"""The reader of claim and source side by side: what it is given to read, the same arithmetic as the network that was trained, and what is made of it."""

from __future__ import annotations

import json
import math
import random
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import train_support
from ingest.claims import LabelledClaim, turned_round
from ingest.reader_data import (
    TRAINING,
    Material,
    as_read,
    characters_of,
    claims_elsewhere,
    halves,
    numbered,
    vocabulary,
)
from ingest.reader_network import Shape, as_arrays, fresh
from ingest.train_reader import Recipe, Trained, folds, on_device, readings, store, trained
from rag.errors import InvalidInput
from rag.support import READ_FROM, support
from rag.support.model import LABELS, SupportModel, support_model
from rag.support.reader import (
    LONGEST,
    LONGEST_CLAIM,
    MODEL_PATH,
    Reader,
    marked,
    pair_reader,
    prepared,
    shared_characters,
    window_of,
)
from rag.types import Passage

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed (extra: train)")
needs_sklearn = pytest.mark.skipif(find_spec("sklearn") is None, reason="scikit-learn is not installed (extra: train)")
COMPLAINTS = "提供者应当建立健全投诉、举报机制，公布处理的流程和反馈的时限。"
TINY = Shape(dimension=16, layers=2, heads=2, inner=24)
PAIRS = [
    ("平台应当建立投诉机制。", [COMPLAINTS]),
    ("平台无须公布时限", [COMPLAINTS, "平台应当公布反馈的时限。"]),
    ("保护期为五十年", ["保护期为作者终生及其死亡后五十年。今天天气很好。"]),
    ("龘靐齉", [COMPLAINTS]),
    (COMPLAINTS * 6, [COMPLAINTS * 9]),
    ("平台应当建立投诉机制。", []),
]


def test_sentences_that_share_most_are_read_in_the_order_of_the_source() -> None:
    claim = "平台应当建立机制，内容应当标识。"
    source = "内容应当标识。今天下雨了。平台应当建立机制。"
    assert window_of(claim, [source]) == (claim, "内容应当标识。平台应当建立机制。")
    assert (
        window_of(claim, ["内容应当标识。", "今天下雨了。平台应当建立机制。"])[1] == "内容应当标识。平台应当建立机制。"
    )


def test_nearest_sentence_is_read_even_where_nothing_is_shared() -> None:
    assert window_of("版权", ["今天下雨了。明天天晴。"]) == ("版权", "今天下雨了。")


def test_four_sentences_are_read_at_most() -> None:
    source = "".join(f"平台应当{what}。" for what in "甲乙丙丁戊")
    assert window_of("平台应当", [source])[1] == "平台应当甲。平台应当乙。平台应当丙。平台应当丁。"


def test_sentence_beyond_the_budget_is_left_out_and_a_shorter_one_read() -> None:
    claim = "平台应当标识内容"  # leaves room for 149 characters
    nearest = claim + "甲" * 91 + "。"
    too_long = "平台应当标识" + "乙" * 43 + "。"
    fits = "平台应当" + "丙" * 44 + "。"
    assert [len(text) for text in (nearest, too_long, fits)] == [100, 50, 49]
    assert window_of(claim, [too_long + nearest + fits])[1] == nearest + fits


def test_of_a_sentence_that_is_too_long_the_nearest_part_is_read() -> None:
    claim = "平台应当标识内容"
    _, window = window_of(claim, ["甲" * 240 + claim + "乙" * 240 + "。"])
    # Windows of 149 characters start every 6: the first that holds all of 240…248 starts at 102.
    assert window == "甲" * 138 + claim + "乙" * 3


def test_claim_is_cut_at_its_longest() -> None:
    claim, window = window_of("平台" * 60, ["平台应当标识。"])
    assert (claim, window) == ("平台" * (LONGEST_CLAIM // 2), "平台应当标识。")


TEXT = st.text(alphabet="平台应当标识内容。；，\n 1a", max_size=400)


@settings(max_examples=150, deadline=None)
@given(TEXT, st.lists(TEXT, max_size=3))
def test_what_is_read_fits(claim: str, sources: list[str]) -> None:
    first, second = window_of(claim, sources)
    assert len(first) + len(second) + 3 <= LONGEST
    ids, border = marked(first, second, {"平": 5})
    # Nothing but blanks is lost on the way, and the source begins after the second mark.
    assert (len(ids), border) == (len("".join((first + second).split())) + 3, len("".join(first.split())) + 2)


def test_order_of_the_sources_does_not_matter() -> None:
    sources = ["平台应当公布处理的流程。", "平台应当建立投诉机制。", COMPLAINTS]
    read = [pair_reader().read("平台应当建立机制并公布流程。", order) for order in (sources, sources[::-1])]
    assert np.array_equal(*read)


def test_marks_stand_around_both_texts_and_what_is_unknown_has_one_number() -> None:
    ids, border = marked("作 品", "作龘", {"作": 5, "品": 6})
    assert (ids.tolist(), border) == ([2, 5, 6, 3, 5, 1, 3], 4)


def test_source_that_is_too_long_is_cut_to_what_is_read_at_once() -> None:
    ids, border = marked("平" * 80, "台" * 200, {"平": 5, "台": 6})
    assert (ids.tolist(), border) == ([2, *[5] * 80, 3, *[6] * (LONGEST - 83), 3], 82)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # The marks, at both ends of each text, never count, though they are the same.
        ("作品权", "作品的权", [0, 2, 2, 1, 0, 2, 2, 0, 1, 0]),
        ("作品", "品作", [0, 1, 1, 0, 1, 1, 0]),
        ("权利人", "权利和利人", [0, 2, 2, 2, 0, 2, 2, 0, 2, 2, 0]),
        ("品品", "品", [0, 1, 1, 0, 1, 0]),
        ("作品", "的权", [0, 0, 0, 0, 0, 0, 0]),
        ("龘品", "龘品", [0, 0, 1, 0, 0, 1, 0]),  # unknown: the same number, perhaps another character
        ("作品", "", [0, 0, 0, 0, 0]),
    ],
    ids=["pair-and-single", "turned", "two-pairs", "twice", "nothing", "unknown", "empty"],
)
def test_characters_that_stand_on_the_other_side(first: str, second: str, expected: list[int]) -> None:
    assert shared_characters(*marked(first, second, characters_of("作品的权利人和"))).tolist() == expected


@pytest.mark.parametrize(
    ("claim", "sources"),
    [
        ("平台应当建立投诉机制。", []),
        ("平台应当建立投诉机制。", [""]),
        ("平台应当建立投诉机制。", ["The platform shall set up a complaint mechanism."]),
        ("龘靐齉爩", ["龘靐齉爩麤"]),
        ("平台应当建立投诉机制，" * 300, [COMPLAINTS * 300]),
        ("", [COMPLAINTS]),
        ("", []),
        ("，。\n", ["。。。"]),
        ("🙂" * 200, ["🙂" * 500]),
    ],
    ids=["no-source", "empty", "english", "unknown", "long", "no-claim", "nothing", "punctuation", "emoji"],
)
def test_whatever_is_read_gives_probabilities(claim: str, sources: list[str]) -> None:
    said = pair_reader().read(claim, sources)
    assert said.shape == (len(LABELS),)
    assert np.isfinite(said).all()
    assert np.exp(said.astype(np.float64)).sum() == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("right", "wrong", "source"),
    [
        pytest.param(
            "保护期为作者死后五十年。", "保护期为作者死后七十年。", "保护期为作者终生及其死亡后五十年。", id="number"
        ),
        pytest.param("提供者要公布处理流程。", "提供者不用公布处理流程。", COMPLAINTS, id="negation"),
        pytest.param(
            "被告要向原告赔一万元。",
            "原告要向被告赔一万元。",
            "被告应当向原告支付赔偿金一万元。",
            marks=pytest.mark.xfail(strict=True, reason="parties exchanged: it is weakest there, and wrong here"),
            id="parties",
        ),
    ],
)
def test_the_shipped_reader_prefers_what_the_source_says(right: str, wrong: str, source: str) -> None:
    assert pair_reader().read(right, [source])[0] > pair_reader().read(wrong, [source])[0]


def asked(monkeypatch: pytest.MonkeyPatch, claim: str, source: str, likely: float) -> bool:
    """Whether the reader is asked about a claim that the features give this probability."""

    class Fixed(SupportModel):
        def compared(self, row: object) -> np.ndarray:  # noqa: ARG002
            return np.asarray([likely, 0.0, 1 - likely, 0.0])

    def refuse() -> Reader:
        raise InterruptedError("the reader was asked")

    package, shipped = import_module("rag.support"), support_model()
    fixed = Fixed(*(getattr(shipped, name) for name in SupportModel.__slots__))
    monkeypatch.setattr(package, "support_model", lambda: fixed)
    monkeypatch.setattr(package, "pair_reader", refuse)
    try:
        support(claim, [source])
    except InterruptedError:
        return True
    return False


@pytest.mark.parametrize(("likely", "expected"), [(READ_FROM - 1e-6, False), (READ_FROM, True), (0.9, True)])
def test_the_reader_is_asked_where_its_word_can_matter(
    likely: float, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(monkeypatch, "平台应当建立投诉机制。", COMPLAINTS, likely) == expected


def test_the_reader_is_not_asked_about_english_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not asked(monkeypatch, "The provider shall set up a complaint mechanism.", COMPLAINTS, 0.9)


def model(score_from: float = 0.6) -> SupportModel:
    shipped = support_model()
    return SupportModel(shipped.trees, shipped.linear, shipped.features, (2.0, 0.5), (1.0, 0.5, -0.25), score_from)


COMPARED = np.asarray([0.8, 0.1, 0.06, 0.04])  # log-odds of support: ln 4 = 1.386294
AGAINST = np.log(np.asarray([0.2, 0.05, 0.05, 0.7], dtype=np.float32))  # log-odds of support: -ln 4


def test_log_odds_without_and_with_a_reading() -> None:
    assert model().log_odds(COMPARED) == pytest.approx(2 * math.log(4) + 0.5)
    assert model().log_odds(COMPARED, AGAINST) == pytest.approx(math.log(4) - 0.5 * math.log(4) - 0.25)


def test_verdict_without_and_with_a_reading() -> None:
    # Odds 16·e^0.5 = 26.3795 without it; 2·e^-0.25 = 1.557602 with it.
    assert model().judge(COMPARED) == ("supported", pytest.approx(0.963477, abs=1e-6))
    assert model().judge(COMPARED, AGAINST) == ("supported", pytest.approx(0.609009, abs=1e-6))
    # Alone the features say "partial"; 0.04 + 0.7 against 0.1 + 0.05 says that it is contradicted.
    assert model(score_from=0.99).judge(COMPARED) == ("partial", pytest.approx(0.963477, abs=1e-6))
    assert model(score_from=0.61).judge(COMPARED, AGAINST) == ("contradicted", pytest.approx(0.609009, abs=1e-6))
    # Moved by -1 the odds are 2·e^-1.25 = 0.573010.
    assert model().judge(COMPARED, AGAINST, -1.0) == ("contradicted", pytest.approx(0.364276, abs=1e-6))


def claim_of(text: str, group: str, label: str = "supported", written: bool = True) -> LabelledClaim:
    return LabelledClaim(text, (COMPLAINTS,), label, "kind", group, written)  # type: ignore[arg-type]


def test_a_written_claim_without_a_reading_is_told_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = [claim_of("已读一", "a"), claim_of("造出的", "b", written=False), claim_of("已读二", "c")]
    said = np.asarray([[0.0, -1.0, -2.0, -3.0], [-4.0, 0.0, -2.0, -3.0]], dtype=np.float16)
    path = tmp_path / "outside.npz"
    keys = [train_support.key_of(claims[2]), train_support.key_of(claims[0])]
    np.savez(path, claims=np.asarray(keys), readings=said)
    monkeypatch.setattr(train_support, "OUTSIDE", path)
    written = np.asarray([True, False, True])
    assert train_support.read_outside(claims, written).tolist() == said[::-1].tolist()
    with pytest.raises(InvalidInput) as refused:
        train_support.read_outside([*claims, claim_of("没有读过", "d")], np.append(written, True))
    assert refused.value.what.startswith("1 条")
    assert "python -m ingest.train_reader --laws DIR" in refused.value.next_step
    assert "outside.npz" in refused.value.why


def test_the_shipped_readings_are_one_for_every_written_claim() -> None:
    rows = (TRAINING / "claims.jsonl").read_text("utf-8").splitlines()
    with np.load(train_support.OUTSIDE) as stored:
        keys, said = stored["claims"].tolist(), stored["readings"].astype(np.float64)
    assert (len(keys), len(set(keys)), said.shape) == (len(rows), len({row_key(row) for row in rows}), (len(rows), 4))
    assert np.exp(said).sum(axis=1) == pytest.approx(np.ones(len(rows)), abs=0.01)


def row_key(row: str) -> tuple[str, ...]:
    found = json.loads(row)
    return (found["claim"], *found["source"])


def passage(number: int, document: str = "law") -> Passage:
    text = (
        f"第{number}类服务的提供者应当在三十日内公布处理的流程。"
        f"未经许可使用第{number}类作品的，应当停止使用并赔偿损失五万元。"
    )
    return Passage(id=f"{document}/art-{number}", document_id=document, text=text, start=0, end=len(text))


def test_claims_are_made_from_no_text_that_a_written_claim_has() -> None:
    passages = [passage(number) for number in range(1, 7)]
    taken = {passages[1].text, passages[4].text}
    made = claims_elsewhere(passages, passages, taken, random.Random(0))
    sources = {source for claim in made for source in claim.sources}
    assert sources == {p.text for p in passages} - taken


def test_statutes_with_few_articles_make_no_claims() -> None:
    assert claims_elsewhere([passage(number) for number in range(1, 4)], [], set(), random.Random(0)) == []


def test_texts_are_cut_to_what_is_read_at_once() -> None:
    text = "平台应当标识内容。" * 20  # 180 characters: pieces of 157 and 23
    pieces = list(halves(text))
    assert [(len(first), len(second)) for first, second in pieces] == [(52, 105), (7, 16)]
    assert "".join(first + second for first, second in pieces) == text
    assert list(halves("平台应当标识内容。")) == []


def test_vocabulary_has_what_is_seen_four_times_the_most_frequent_first() -> None:
    assert vocabulary(["平平平台台台台台 ", "应应应"], [("平内内内内", "应应应")]) == "台平内"


def test_claims_of_one_source_stand_in_one_fold() -> None:
    groups = [f"law/art-{number % 23}" for number in range(92)]
    fold = folds(groups)
    assert {len(set(fold[number::23].tolist())) for number in range(23)} == {1}
    assert np.bincount(fold).tolist() == [20, 20, 20, 16, 16]


def test_numbered_pairs_are_those_that_the_reader_reads() -> None:
    characters = pair_reader().characters
    claim, sources = "平台不需要在五十日内公布时限", ["提供者必须公布时限。", COMPLAINTS, "五十日内公布。"]
    ids, border = marked(*window_of(prepared(claim), sorted(map(prepared, sources))), characters)
    found = numbered([as_read(claim, sources), as_read(claim, sources[::-1])], characters)
    assert found.ids.tolist() == [ids.tolist() + [0] * (LONGEST - len(ids))] * 2
    assert found.borders.tolist() == [border] * 2


def known() -> str:
    return vocabulary([COMPLAINTS * 4, "平台无须公布时限保护期为作者终生死亡后五十年" * 4], [])


@needs_torch
def test_numpy_computes_what_the_network_computes(tmp_path: Path) -> None:
    import torch

    torch.manual_seed(3)
    network = fresh(Shape(5 + len(known()), dimension=16, layers=2, heads=2, inner=24))
    with torch.no_grad():
        for weight in network.weights.values():
            # Scales and shifts that are not 1 and 0, flags that count, all as exact as what is stored.
            weight.copy_((weight + torch.randn(weight.shape) * 0.3).half().float())
    store(
        Trained(network, known(), np.zeros((0, 4), np.float32)), [], tmp_path / "reader.npz", tmp_path / "outside.npz"
    )
    reader = pair_reader(tmp_path / "reader.npz")
    together = on_device(numbered([as_read(*pair) for pair in PAIRS], reader.characters), "cpu")
    by_network = readings(network, together)
    by_numpy = np.stack([reader.read(*pair) for pair in PAIRS])
    assert np.abs(by_network - by_numpy).max() < 1e-4
    assert np.ptp(by_network, axis=0).max() > 0.1  # they are not all the same


@needs_torch
@needs_sklearn
def test_training_ends_in_a_reader_that_reads_and_readings_of_every_written_claim(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passages = [passage(number) for number in range(1, 13)]
    made = claims_elsewhere(passages, [], {passages[0].text}, random.Random(0))
    written = [
        LabelledClaim(claim.claim, claim.sources, claim.label, claim.kind, claim.group, True)
        for claim in claims_elsewhere(
            [passage(number, "other") for number in range(1, 13)], [], set(), random.Random(1)
        )
    ]
    turned = tuple(turned_round(written, random.Random(2)))
    asked = tuple(as_read("多久公布流程？", [p.text]) for p in passages)
    data = Material(tuple(prepared(p.text) for p in passages), asked, tuple(written), turned, tuple(made))
    recipe = Recipe(batch=8, hidden_beside=4, written=8, turned=4, made=8).scaled(0.0)
    found = trained(data, recipe, shape=TINY)
    store(found, written, tmp_path / "reader.npz", tmp_path / "outside.npz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside.npz", "reader.npz"]
    reader = pair_reader(tmp_path / "reader.npz")
    assert (reader.layers, reader.heads, len(reader.characters)) == (2, 2, len(found.characters))
    assert np.exp(reader.read(written[0].claim, written[0].sources)).sum() == pytest.approx(1.0, abs=1e-5)
    with np.load(tmp_path / "outside.npz") as stored:
        assert stored["claims"].tolist() == [train_support.key_of(claim) for claim in written]
        # Row by row probabilities: no claim was left unread.
        assert np.exp(stored["readings"].astype(np.float32)).sum(axis=1) == pytest.approx(
            np.ones(len(written)), abs=0.01
        )
    printed = capsys.readouterr().out
    assert [line.split(":")[0] for line in printed.splitlines() if "AUC" in line] == [
        "made claims alone", "fold 1", "fold 2", "fold 3", "fold 4", "fold 5", "out of fold",
    ]  # fmt: skip


@needs_torch
def test_what_is_stored_has_the_names_and_shapes_of_what_is_shipped() -> None:
    with np.load(MODEL_PATH) as stored:
        shipped = {name: stored[name].shape for name in stored.files if name not in ("vocabulary", "heads")}
        count = len(str(stored["vocabulary"]))
    ours = {name: array.shape for name, array in as_arrays(fresh(Shape(5 + count))).items()}
    assert ours == shipped
