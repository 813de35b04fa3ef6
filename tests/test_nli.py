"""A real cross-encoder for natural language inference, small and made here, beside the built-in claim check."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.weigh_nli import NONE, weigh
from rag.__main__ import main
from rag.compose import Draft, Sentence
from rag.errors import InvalidInput, ModelUnavailable
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings, load_settings
from rag.support import support
from rag.support.model import support_model
from rag.support.nli import BOUND, UNWEIGHED, Evidence, Nli, NliModel, Weights, columns, load_nli, windows
from rag.types import Verdict
from rag.verify import verify
from tests.conftest import ROOT

needs_sentence_transformers = pytest.mark.skipif(
    find_spec("sentence_transformers") is None, reason="sentence-transformers is not installed (extra: sbert)"
)
LABELS = ("entailment", "neutral", "contradiction")
QUESTION = "平台没有投诉渠道会怎么样"
UNSURE = ("法院判决西某公司赔偿原告经济损失15,000元。", ["法院判决孙某某赔偿原告经济损失15,000元。"])
CARRIED = (
    "提供者应当建立投诉、举报机制，并公布处理流程。",
    ["提供者应当建立健全投诉、举报机制，公布处理的流程和反馈的时限。"],
)
OPPOSED = ("提供者无须建立健全投诉、举报机制。", CARRIED[1])
CUT = support_model().score_from


def cross_encoder(folder: Path, labels: Sequence[str] = LABELS, says: str = "") -> str:
    """A one-layer BERT over characters with random weights; one that ``says`` a label says it of everything."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(7)
    folder.mkdir()
    characters = sorted({c for path in (ROOT / "corpus").rglob("*.md") for c in path.read_text("utf-8") if c.strip()})
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]), "utf-8")
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=128).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(characters) + 5, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=128, initializer_range=0.5, id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )  # fmt: skip
    model = BertForSequenceClassification(config).eval()
    if says:
        with torch.no_grad():
            model.classifier.weight.zero_()
            model.classifier.bias.copy_(torch.tensor([9.0 * (label == says) for label in labels]))
    model.save_pretrained(folder)
    return str(folder)


MakeModel = Callable[..., str]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """``make(says, labels)``: the path of a model."""
    made: dict[tuple[str, tuple[str, ...]], str] = {}

    def path(says: str = "", labels: tuple[str, ...] = LABELS) -> str:
        key = (says, labels)
        if key not in made:
            made[key] = cross_encoder(tmp_path_factory.mktemp("models") / "nli", labels, says)
        return made[key]

    return path


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (("entailment", "neutral", "contradiction"), (0, 2)),
        (("CONTRADICTION", "NEUTRAL", "ENTAILMENT"), (2, 0)),
        (("contradictory", "entails", "none"), (1, 0)),
        (("矛盾", "蕴含", "中立"), (1, 0)),
        (("entailment", "not_entailment"), (0, None)),
        (("Not-Entailment", "Entailment"), (1, None)),
        (("non_entailment", "entailment"), (1, None)),
        (("contradiction", "entailment"), (1, None)),
        (("entailment", "neutral"), (0, None)),
    ],
)
def test_labels_are_known_in_any_order_and_spelling(labels: tuple[str, ...], found: tuple[int, int | None]) -> None:
    assert columns(dict(enumerate(labels)), "m") == found


@pytest.mark.parametrize(
    "labels",
    [
        ("LABEL_0",),
        ("LABEL_0", "LABEL_1", "LABEL_2"),
        ("negative", "neutral", "positive"),
        ("entailment", "not_entailment", "neutral"),
        ("entailment", "entailment", "contradiction"),
        ("no_entailment", "not_entailment"),
    ],
)
def test_other_labels_are_refused_by_name(labels: tuple[str, ...]) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        columns(dict(enumerate(labels)), "some/model")
    assert "'some/model'" in caught.value.what
    assert "、".join(labels) in caught.value.why
    assert "id2label" in caught.value.next_step


@needs_sentence_transformers
@pytest.mark.parametrize("labels", [LABELS, LABELS[::-1], ("NEUTRAL", "ENTAILMENT", "CONTRADICTION")])
@pytest.mark.parametrize(("says", "heard"), [("entail", (4, -4)), ("contra", (-4, 4)), ("neutral", (-4, -4))])
def test_what_a_model_says_is_heard_whatever_the_order_of_its_labels(
    make: MakeModel, labels: tuple[str, ...], says: str, heard: tuple[float, float]
) -> None:
    said = next(label for label in labels if label.lower().startswith(says))
    assert NliModel(make(said, labels)).evidence(*UNSURE) == Evidence(*heard)


@needs_sentence_transformers
def test_best_entailment_of_all_windows_and_contradiction_of_the_nearest(make: MakeModel) -> None:
    from sentence_transformers import CrossEncoder

    name = make("", ("entailment", "contradiction", "neutral"))
    claim = "平台应当及时处理投诉并公布反馈时限。"
    sources = [
        "本法所称平台是指提供者。平台应当公布投诉的流程和反馈的时限。违反的，处以罚款。",
        "平台接到投诉后应当及时处理。",
    ]
    read = windows(claim, sources)
    likely = np.asarray(CrossEncoder(name).predict([(w, claim) for w in read], apply_softmax=True), dtype=float)
    odds = np.log(likely / (1 - likely))
    assert len({round(float(value), 3) for value in odds[:, 0]}) == len(read), "the windows are told apart"
    assert 0 not in odds[:, :2].argmax(axis=0), "the nearest window entails least, and another contradicts more"
    evidence = NliModel(name).evidence(claim, sources)
    assert evidence.entailed == pytest.approx(np.clip(odds[:, 0].max(), -4, 4), abs=1e-4)
    assert evidence.contradicted == pytest.approx(np.clip(odds[0, 1], -4, 4), abs=1e-4)


def test_windows_are_the_nearest_sentences_alone_in_place_and_together() -> None:
    sources = [
        "甲公司是被告。乙公司应当赔偿损失。丙公司不承担责任。",
        "乙公司赔偿十万元损失。",
        "天气很好。",
        "花开了。",
    ]
    assert windows("乙公司应当赔偿全部损失。", sources) == [
        "乙公司应当赔偿损失。",
        "乙公司赔偿十万元损失。",
        "甲公司是被告。",
        "甲公司是被告。乙公司应当赔偿损失。",
        "乙公司应当赔偿损失。丙公司不承担责任。",
        "甲公司是被告。乙公司应当赔偿损失。乙公司赔偿十万元损失。",
    ]
    assert windows("乙公司赔偿十万元损失。", [sources[0], "乙公司赔偿十万元损失。丙公司可以上诉。"])[2:] == [
        "甲公司是被告。",
        "乙公司赔偿十万元损失。丙公司可以上诉。",
        "甲公司是被告。乙公司应当赔偿损失。乙公司赔偿十万元损失。",
    ], "a sentence of another source stands not before it"
    assert windows("乙公司赔偿。", ["", " \n。"]) == []


def test_long_sources_are_read_where_they_speak_of_the_claim() -> None:
    filler = "".join(f"第{n}项规定了其他事项。" for n in range(400))
    read = windows("平台应当标识生成内容。", [f"{filler}平台应当对生成的内容进行标识。{filler}"])
    assert (read[0], len(read) <= 6, max(map(len, read)) < 100) == ("平台应当对生成的内容进行标识。", True, True)


@needs_sentence_transformers
def test_unweighed_model_decides_only_where_the_built_in_check_is_unsure(make: MakeModel) -> None:
    yes, no = load_nli(make("entailment")), load_nli(make("contradiction"))
    assert [support(*UNSURE, nli).support for nli in (None, yes, no)] == ["contradicted", "supported", "contradicted"]
    for claim, sources in (CARRIED, OPPOSED):
        plain = support(claim, sources)
        assert abs(_odds(plain.score) - _odds(CUT)) > 0.25, "the built-in check is sure of it"
        for nli, moved in ((yes, 0.25), (no, -0.25)):
            verdict = support(claim, sources, nli)
            assert verdict.support == plain.support
            assert _odds(verdict.score) - _odds(plain.score) == pytest.approx(moved, abs=1e-3)


@needs_sentence_transformers
def test_weighed_model_has_the_say_that_its_weights_give(make: MakeModel) -> None:
    name = make("contradiction")
    weights = f"{NliModel(name).fingerprint}:0.1000,0.2000,-1.0000,-3.0000"
    verdict = support(*CARRIED, load_nli(name, weights))
    plain = support(*CARRIED)
    # 0.1·(-4 - -1) - 0.2·(4 - -3)
    assert _odds(verdict.score) - _odds(plain.score) == pytest.approx(-1.7, abs=1e-3)
    assert (plain.support, verdict.support) == ("supported", "contradicted")


@needs_sentence_transformers
def test_model_without_weight_changes_nothing_and_is_not_asked(
    make: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = make("contradiction")
    silent = load_nli(name, f"{NliModel(name).fingerprint}:{NONE}")
    monkeypatch.setattr(NliModel, "evidence", lambda *_: pytest.fail("asked"))
    for claim, sources in (UNSURE, CARRIED, OPPOSED):
        assert support(claim, sources, silent) == support(claim, sources)


@needs_sentence_transformers
@pytest.mark.parametrize(
    ("claim", "sources", "verdict"),
    [
        (CARRIED[1][0], CARRIED[1], Verdict(support="supported", score=1.0)),
        ("今天天气很好。", CARRIED[1], Verdict(support="unsupported", score=0.0)),
        ("", CARRIED[1], Verdict(support="unsupported", score=0.0)),
        (CARRIED[0], [], Verdict(support="unsupported", score=0.0)),
    ],
    ids=["verbatim", "unrelated", "empty", "no-source"],
)
def test_what_the_words_decide_is_not_asked_again(
    make: MakeModel, claim: str, sources: list[str], verdict: Verdict
) -> None:
    for says in ("entailment", "contradiction"):
        assert support(claim, sources, load_nli(make(says))) == verdict


@given(st.tuples(*[st.floats(-50, 50)] * 4), st.floats(-4, 4), st.floats(-4, 4))
def test_no_weights_move_more_than_the_bound(weights: tuple[float, ...], entailed: float, contradicted: float) -> None:
    assert abs(Weights(*weights).shift(Evidence(entailed, contradicted))) <= BOUND
    assert abs(UNWEIGHED.shift(Evidence(entailed, contradicted))) <= 0.25


@needs_sentence_transformers
def test_weights_of_another_model_are_refused_with_the_command_that_makes_them(make: MakeModel) -> None:
    ours, other = make("entailment"), NliModel(make("contradiction")).fingerprint
    assert other != NliModel(ours).fingerprint == NliModel(ours).fingerprint
    with pytest.raises(ModelUnavailable) as caught:
        load_nli(ours, f"{other}:{UNWEIGHED}")
    assert other in caught.value.why
    assert f"python -m ingest.weigh_nli --nli {ours}" in caught.value.next_step


@pytest.mark.parametrize(
    "value", ["0.1,0.2", "abcdef01", "abcdef01:0.1,0.2,0.3", "abcdef01:a,b,c,d", "zz:0.1,0.2,0.3,0.4"]
)
def test_malformed_weights_are_refused(value: str) -> None:
    with pytest.raises(InvalidInput, match="AIGC_LAW_NLI_WEIGHTS"):
        load_settings(nli_weights=value)


def test_printed_weights_are_read_as_they_are() -> None:
    weights = Weights(0.4321, 0.0, -1.5, 2.25)
    stored = load_settings(nli_weights=f"0123abcd:{weights}").nli_weights
    assert Weights(*map(float, stored.partition(":")[2].split(","))) == weights


def test_model_and_weights_change_the_fingerprint_of_the_settings() -> None:
    weighed = Settings(nli="a", nli_weights="0123abcd:0.1,0.1,0.0,0.0")
    assert len({s.fingerprint for s in (Settings(), Settings(nli="a"), Settings(nli="b"), weighed)}) == 4


@needs_sentence_transformers
def test_model_with_other_labels_is_refused(make: MakeModel) -> None:
    with pytest.raises(ModelUnavailable, match="LABEL_1"):
        load_nli(make("", ("LABEL_0", "LABEL_1", "LABEL_2")))


def test_unknown_model_is_named_with_what_to_do(tmp_path: Path, settings: Settings, assistant: Assistant) -> None:
    missing = str(tmp_path / "no-such-model")
    opened = open_assistant(Settings(index=settings.index, nli=missing))
    assert opened.search(QUESTION).hits, "searching needs no such model"
    for use in (lambda: opened.answer(QUESTION), lambda: opened.audit(assistant.audit_bundle(QUESTION))):
        with pytest.raises(ModelUnavailable) as caught:
            use()
        assert repr(missing) in caught.value.what
        assert "AIGC_LAW_NLI" in caught.value.next_step


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelUnavailable, match=r"aigc-law-qa\[sbert\]"):
        NliModel("some/model")


@needs_sentence_transformers
def test_answers_are_verified_with_it_and_name_it(make: MakeModel, settings: Settings, assistant: Assistant) -> None:
    name = make("entailment")
    opened = open_assistant(Settings(index=settings.index, nli=name))
    answer, trace = opened.explain(QUESTION)
    assert (answer.claims != (), trace.models.nli) == (True, name)
    assert assistant.explain(QUESTION)[1].models.nli is None
    cited = answer.citations[0]
    statement = cited.quote[: len(cited.quote) // 2] + "，并应当依法承担相应的责任。"
    draft = Draft(groups=[("法律规定", [Sentence("", statement, (cited.n,), cited.passage_id)])])
    catalog, names = opened.index.catalog, opened.names
    plain, read = (verify(draft, answer.citations, catalog, names, nli=nli).claims for nli in (None, opened.nli))
    assert _odds(read[0].score) - _odds(plain[0].score) == pytest.approx(0.25, abs=1e-3)


@needs_sentence_transformers
def test_verify_on_the_command_line_uses_it(
    make: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = tmp_path / "claims.jsonl"
    batch.write_text(json.dumps({"id": "a", "claim": UNSURE[0], "sources": UNSURE[1]}, ensure_ascii=False), "utf-8")
    labels = []
    for name in ("", make("entailment")):
        monkeypatch.setenv("AIGC_LAW_NLI", name)
        assert main(["verify", "--batch", str(batch)]) == 0
        labels.append(json.loads(capsys.readouterr().out)["support"])
    assert labels == ["contradicted", "supported"]
    monkeypatch.setenv("AIGC_LAW_NLI", str(tmp_path / "none"))
    assert main(["verify", "--batch", str(batch)]) == 2
    assert "无法加载推理模型" in capsys.readouterr().err


def _claims(told: float, seed: int, count: int = 600) -> tuple[np.ndarray, list[Evidence], np.ndarray, np.ndarray]:
    """Made claims, five of each source: built-in log-odds that know something, and evidence that knows ``told`` times as much."""
    rng = np.random.default_rng(seed)
    supported = rng.random(count) < 0.4
    log_odds = rng.normal(size=count) + np.where(supported, 1.0, -1.0)
    read = rng.normal(size=(count, 2)) * 1.5 + told * np.where(supported, 1.0, -1.0)[:, None] * (1, -1)
    evidence = [Evidence(float(e), float(c)) for e, c in np.clip(read - (1, 2), -4, 4)]
    return log_odds, evidence, supported, np.asarray([f"source-{at // 5}" for at in range(count)])


def test_model_that_knows_more_is_given_weight() -> None:
    gain = weigh(*_claims(1.0, seed=1))
    assert gain.nats > 2 * gain.error > 0
    assert gain.auc_with > gain.auc_without + 0.01
    assert min(gain.weights.entailed, gain.weights.contradicted) > 0.2
    assert gain.weights.usual_entailed == pytest.approx(-1.2, abs=0.2)


@pytest.mark.parametrize("told", [0.0, -1.0], ids=["noise", "upside-down"])
@pytest.mark.parametrize("seed", range(5))
def test_model_that_knows_nothing_is_given_none(told: float, seed: int) -> None:
    assert weigh(*_claims(told, seed)).weights == NONE


@needs_sentence_transformers
def test_weighing_refuses_a_model_that_is_none(make: MakeModel, tmp_path: Path) -> None:
    other = make("", ("LABEL_0", "LABEL_1", "LABEL_2"))
    command = [sys.executable, "-m", "ingest.weigh_nli", "--nli", other, "--laws", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "id2label" in done.stderr


def test_without_it_no_torch_is_loaded(settings: Settings, tmp_path: Path) -> None:
    batch = tmp_path / "claims.jsonl"
    batch.write_text(json.dumps({"claim": UNSURE[0], "sources": UNSURE[1]}, ensure_ascii=False), "utf-8")
    code = (
        "import sys; from rag import answer; from rag.__main__ import main; from rag.settings import Settings;"
        "from pathlib import Path;"
        f"assert answer({QUESTION!r}, settings=Settings(index=Path(sys.argv[1]))).claims;"
        "assert main(['verify', '--batch', sys.argv[2]]) == 0;"
        "print([m for m in ('torch', 'sentence_transformers', 'transformers', 'sklearn') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(settings.index), str(batch)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def _odds(score: float) -> float:
    return math.log(score / (1 - score))


def test_an_nli_is_what_it_moves() -> None:
    class Told(NliModel):
        def __init__(self) -> None:
            self.name = "told"

        def evidence(self, claim: str, sources: Sequence[str]) -> Evidence:
            return Evidence(float(len(claim)), float(len(sources)))

    assert Nli(Told(), Weights(0.1, 0.2)).shift("四个字。", ["一", "二"]) == pytest.approx(0.1 * 4 - 0.2 * 2)
