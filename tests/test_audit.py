"""An answer that was kept is checked again: what still stands holds, what was changed is found and named, what is no bundle is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import rag
from ingest.build import ingest
from rag.audit import KINDS, AuditReport, Check, as_text
from rag.bundle import FORMAT, AuditBundle, CitedDocument, read_bundle, write_bundle
from rag.errors import InvalidInput
from rag.pipeline import Assistant, open_assistant
from rag.settings import Settings
from rag.types import Kind
from tests.test_cli import Shell, shell

__all__ = ["shell"]

ULTRAMAN = "广州奥特曼案里，平台为什么要承担赔偿责任？"
PARAGRAPH = "著作权法第24条第2款"
QUESTIONS = [
    ULTRAMAN,
    PARAGRAPH,
    "著作权法第二十四条规定了什么？",
    "AI生成的图片有著作权吗？",
    "菲林案和AI文生图案有什么区别？",
    "论文认为AI生成内容的著作权归谁？",
    "欧盟人工智能法第五十三条",
    "Is an AI platform liable for infringing images its users generate?",
    "红烧肉怎么做才不腻",
]
CASE, MEASURES = "judgments/guangzhou-ultraman-2024.md", "regulations/aigc-interim-measures-2023.md"


@pytest.fixture(scope="module")
def bundle(assistant: Assistant) -> AuditBundle:
    return assistant.audit_bundle(ULTRAMAN)


def failing(report: AuditReport) -> set[str]:
    assert report.holds == all(check.holds for check in report.checks)
    return {check.kind for check in report.checks if not check.holds}


# --- bundles ---------------------------------------------------------------------------------------------------------


def test_a_bundle_has_what_was_asked_answered_and_cited(assistant: Assistant, settings: Settings) -> None:
    asked: dict[str, Any] = {
        "history": [("著作权法第二十四条规定了什么？", "…")],
        "as_of": dt.date(2024, 5, 6),
        "kinds": [Kind.LAW],
    }
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    bundle = rag.audit_bundle("那第五十二条呢？", settings=settings, **asked)
    answer, trace = assistant.explain("那第五十二条呢？", **asked)
    law = assistant.document("copyright-law-2020")
    assert law is not None
    assert before <= bundle.created <= dt.datetime.now(dt.UTC)
    assert bundle.created.utcoffset() == dt.timedelta(0)
    without_times = {"answer": {"timings_ms"}, "trace": {"timings_ms"}}
    expected = AuditBundle(
        format=FORMAT,
        product="0.1.0",
        created=bundle.created,
        question="那第五十二条呢？",
        history=(("著作权法第二十四条规定了什么？", "…"),),
        as_of=dt.date(2024, 5, 6),
        kinds=(Kind.LAW,),
        settings_fingerprint=settings.fingerprint,
        settings=bundle.settings,
        answer=answer,
        trace=trace,
        documents=(
            CitedDocument(
                id="copyright-law-2020",
                title="中华人民共和国著作权法",
                sha256=hashlib.sha256(law.text.encode()).hexdigest(),
                effective=dt.date(2021, 6, 1),
                repealed=None,
            ),
        ),
    )
    assert bundle.model_dump(exclude=without_times) == expected.model_dump(exclude=without_times)


def test_settings_of_a_bundle_are_those_that_matter_and_hold_no_key(index_dir: Path) -> None:
    settings = Settings(index=index_dir, max_sentences=5, chroma_token="secret-key")  # type: ignore[arg-type]
    bundle = rag.audit_bundle(PARAGRAPH, settings=settings)
    assert (bundle.settings["max_sentences"], bundle.settings["embedder"]) == (5, "builtin")
    assert [name for name in bundle.settings if name == "index" or name.startswith("chroma_")] == []
    assert "secret-key" not in bundle.model_dump_json()
    assert str(index_dir) not in bundle.model_dump_json()


def test_every_cited_document_is_recorded_once(bundle: AuditBundle) -> None:
    cited = dict.fromkeys(citation.document_id for citation in bundle.answer.citations)
    assert [document.id for document in bundle.documents] == list(cited)
    assert (bundle.as_of, bundle.kinds, bundle.history) == (None, (), ())
    assert len(cited) > 1


def test_a_bundle_survives_its_file_which_is_written_whole_or_not_at_all(
    bundle: AuditBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bundle.json"
    path.write_text("earlier", "utf-8")
    with monkeypatch.context() as full_disk:

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        full_disk.setattr(Path, "replace", fail)
        with pytest.raises(InvalidInput, match="No space left on device"):
            write_bundle(bundle, path)
    assert (path.read_text("utf-8"), [p.name for p in tmp_path.iterdir()]) == ("earlier", ["bundle.json"])
    write_bundle(bundle, path)
    assert read_bundle(path) == bundle
    assert [p.name for p in tmp_path.iterdir()] == ["bundle.json"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ("不是有效的 JSON", "请给出由 python -m rag ask --bundle 写出的完整文件")),
        (b'{"format": 1, "product": "0.1', ("不是有效的 JSON", "Unterminated string")),
        (b"\xff\xfe", ("不是有效的 JSON", "utf-8")),
        (b"[" * 100_000, ("不是有效的 JSON", "recursion")),
        (b"[]", ("不是核查包", "没有格式号")),
        (b'{"question": "q"}', ("不是核查包", "格式号 None")),
        (b'{"format": "1"}', ("不是核查包", "格式号 '1'")),
        (b'{"format": true}', ("不是核查包", "格式号 True")),
        (b'{"format": 0}', ("不是核查包", "格式号 0")),
        (b'{"format": 2, "product": "9.9"}', ("格式比本程序新", "格式 2，由 9.9 版写出", "升级本程序后再核查")),
        (b'{"format": 1}', ("内容有误", "product: Field required", "等 8 处")),
    ],
    ids=[
        *("empty", "truncated", "not UTF-8", "too deep", "a list", "no format", "format in words", "format true"),
        *("format 0", "newer format", "nothing else"),
    ],
)
def test_a_file_that_is_no_usable_bundle_says_what_why_and_what_next(
    tmp_path: Path, content: bytes, said: tuple[str, ...]
) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as error:
        read_bundle(path)
    message = str(error.value)
    assert [piece for piece in (str(path), "原因：", "下一步：", *said) if piece not in message] == []


def test_unknown_fields_of_a_bundle_are_refused(bundle: AuditBundle, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps({**bundle.model_dump(mode="json"), "note": "x"}), "utf-8")
    with pytest.raises(InvalidInput, match="note: Extra inputs are not permitted"):
        read_bundle(path)


# --- what still stands ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_untouched_bundle_holds_on_its_index(assistant: Assistant, question: str) -> None:
    bundle = assistant.audit_bundle(question)
    report = assistant.audit(AuditBundle.model_validate_json(bundle.model_dump_json()))
    assert [check for check in report.checks if not check.holds] == []
    assert report.holds
    assert {pair.name: pair.same for pair in report.fingerprints} == dict.fromkeys(
        ("corpus", "index", "settings", "embedder"), True
    )


def test_every_document_quote_and_claim_is_checked(assistant: Assistant, bundle: AuditBundle) -> None:
    counted = dict.fromkeys(KINDS, 0)
    for check in assistant.audit(bundle).checks:
        counted[check.kind] += 1
    citations, claims = len(bundle.answer.citations), len(bundle.answer.claims)
    assert counted == {
        "document": len(bundle.documents),
        "quote": citations,
        "place": citations,
        "in_force": citations,
        "text": claims + 1,
        "reference": claims,
        "support": claims,
    }


def test_old_and_new_version_side_by_side_hold_though_one_is_not_in_force(product: Assistant) -> None:
    bundle = product.audit_bundle("著作权法2020年修改后，法定赔偿有什么变化？")
    assert {citation.in_force for citation in bundle.answer.citations} == {True, False}
    assert product.audit(bundle).holds
    shown_as_current = {"in_force": True}
    citations = [c.model_copy(update=shown_as_current) for c in bundle.answer.citations]
    claimed = bundle.model_copy(update={"answer": bundle.answer.model_copy(update={"citations": tuple(citations)})})
    assert failing(product.audit(claimed)) == {"in_force"}


def test_other_settings_are_information_and_no_failure(assistant: Assistant, bundle: AuditBundle) -> None:
    other = open_assistant(Settings(index=assistant.settings.index, max_sentences=3))
    report = other.audit(bundle)
    assert report.holds
    assert [pair.name for pair in report.fingerprints if not pair.same] == ["settings"]
    pair = report.fingerprints[2]
    assert (pair.was, pair.now) == (bundle.answer.fingerprints.settings, other.settings.fingerprint)


# --- tampered bundles --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tamper:
    """What is done to the stored bundle, the kinds of check that find it, and a piece of what they say."""

    do: Callable[[dict[str, Any]], object]
    found_by: set[str]
    said: str


def first(stored: dict[str, Any], name: str) -> dict[str, Any]:
    return stored["answer"][name][0]  # type: ignore[no-any-return]


def of_law(stored: dict[str, Any]) -> dict[str, Any]:
    """The first citation of an article."""
    return next(c for c in stored["answer"]["citations"] if c["article"])  # type: ignore[no-any-return]


def claim_of_law(stored: dict[str, Any]) -> dict[str, Any]:
    return next(c for c in stored["answer"]["claims"] if c["citations"] == [of_law(stored)["n"]])  # type: ignore[no-any-return]


def shift(stored: dict[str, Any]) -> None:
    citation = first(stored, "citations")
    citation |= {"start": citation["start"] + 1, "end": citation["end"] + 1}


def rewrite(stored: dict[str, Any], old: str, new: str) -> None:
    """In the claim of an article and in the Markdown alike."""
    claim, answer = claim_of_law(stored), stored["answer"]
    assert old in claim["text"]
    changed = claim["text"].replace(old, new)
    answer["answer"] = answer["answer"].replace(claim["text"], changed)
    claim["text"] = changed


def put_before(stored: dict[str, Any], text: str) -> None:
    """A statement of one's own before what the source says, as if it were the lead."""
    claim, answer = claim_of_law(stored), stored["answer"]
    at = answer["claims"].index(claim)
    answer["answer"] = answer["answer"].replace(claim["text"], text + claim["text"])
    claim["text"] = text + claim["text"]
    stored["trace"]["leads"][at] = text + stored["trace"]["leads"][at]


TAMPERED: dict[str, Tamper] = {
    "quote changed": Tamper(
        lambda s: first(s, "citations").update(quote="法院认为被告不应当承担赔偿责任。"), {"quote", "support"}, "不是这段引文"
    ),
    "quote emptied, span with it": Tamper(
        lambda s: first(s, "citations").update(quote="", start=0, end=0), {"quote", "place", "support"}, "不是这段引文"
    ),
    "span shifted": Tamper(shift, {"quote", "place"}, "没有这一句"),
    "document's digest changed": Tamper(
        lambda s: s["documents"][0].update(sha256="0" * 64), {"document"}, "文本与当时不同"
    ),
    "document left out": Tamper(lambda s: s["documents"].pop(0), {"document"}, "没有记录它当时的文本"),
    "document unknown": Tamper(
        lambda s: s["documents"].append({**s["documents"][0], "id": "gone-2020"}), {"document"}, "索引里没有这份文件"
    ),
    "citation of an unknown document": Tamper(
        lambda s: first(s, "citations").update(document_id="gone-2020"),
        {"document", "quote", "place", "in_force"},
        "索引里没有这份文件",
    ),
    "citation of another article": Tamper(
        lambda s: of_law(s).update(article="第九条"), {"place", "reference"}, "article 记作 第九条，应为"
    ),
    "citation labelled as another": Tamper(
        lambda s: first(s, "citations").update(label="《民法典》第一条"), {"place"}, "label 记作 《民法典》第一条"
    ),
    "citation of another passage": Tamper(
        lambda s: first(s, "citations").update(passage_id=of_law(s)["passage_id"]), {"place"}, "索引里没有段落"
    ),
    "day before the law": Tamper(
        lambda s: s["answer"].update(as_of="2001-01-01"), {"in_force"}, "2001-01-01 不施行：2023-08-15 起"
    ),
    "claim with a wrong article": Tamper(
        lambda s: rewrite(s, of_law(s)["article"], "第九条"), {"reference", "support"}, "所引来源里没有 第九条"
    ),
    "claim with a wrong docket number": Tamper(
        lambda s: first(s, "claims").update(text=first(s, "claims")["text"].replace("113号", "114号")),
        {"text", "reference", "support"},
        "(2024)粤0192民初114号",
    ),
    "claim turned round": Tamper(lambda s: rewrite(s, "应当", "不必"), {"support"}, "由支持变为"),
    "statement put before a quote": Tamper(
        lambda s: put_before(s, "平台在任何情况下都不承担责任，也不必赔偿权利人的损失。"), {"support"}, "由支持变为"
    ),
    "claim without its sentence in the text": Tamper(
        lambda s: s["answer"].update(answer=s["answer"]["answer"].replace("应当承担赔偿责任", "不承担赔偿责任")),
        {"text"},
        "正文里没有这一句",
    ),
    "claim citing nothing": Tamper(
        lambda s: first(s, "claims").update(citations=[]), {"text", "reference", "support"}, "没有引来源"
    ),
    "claim citing what is not there": Tamper(
        lambda s: first(s, "claims").update(citations=[99]), {"text", "reference", "support"}, "所引的来源不在引文之列"
    ),
    "claims removed": Tamper(lambda s: s["answer"].update(claims=[]), {"text"}, "没有论断"),
    "citation removed": Tamper(lambda s: s["answer"]["citations"].pop(), {"text", "reference", "support"}, "三处不一致"),
    "marker added": Tamper(
        lambda s: s["answer"].update(answer=s["answer"]["answer"] + "平台免责。[88]"), {"text"}, "[88]"
    ),
    "refusal with claims": Tamper(lambda s: s["answer"].update(refused=True), {"text"}, "拒答却有论断或引文"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_found_by_the_checks_it_concerns_and_no_other(
    assistant: Assistant, bundle: AuditBundle, name: str
) -> None:
    tamper, stored = TAMPERED[name], bundle.model_dump(mode="json")
    tamper.do(stored)
    report = assistant.audit(AuditBundle.model_validate(stored))
    told = [f"{check.what}：{check.detail}" for check in report.checks if not check.holds]
    assert failing(report) == tamper.found_by, told
    assert any(tamper.said in line for line in told), told


def test_a_span_counted_from_the_end_of_the_text_is_none(assistant: Assistant, bundle: AuditBundle) -> None:
    stored = bundle.model_dump(mode="json")
    citation = first(stored, "citations")
    document = assistant.document(citation["document_id"])
    assert document is not None
    citation["start"] -= len(document.text)
    citation["end"] -= len(document.text)
    assert document.text[citation["start"] : citation["end"]] == citation["quote"]
    assert failing(assistant.audit(AuditBundle.model_validate(stored))) == {"quote", "place"}


# --- the corpus moves on ------------------------------------------------------------------------------------------------


@pytest.fixture
def changed(small_corpus: Path, tmp_path: Path) -> Callable[[Callable[[Path], object]], Assistant]:
    """An assistant over a copy of the small corpus in which something was changed."""

    def build(change: Callable[[Path], object]) -> Assistant:
        folder = tmp_path / "corpus"
        shutil.copytree(small_corpus, folder)
        change(folder)
        settings = Settings(index=tmp_path / "index")
        assert ingest([folder], settings).refused == []
        return open_assistant(settings)

    return build


Build = Callable[[Callable[[Path], object]], Assistant]


def edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")

    return change


def test_a_document_whose_text_changed_is_named_and_so_are_the_quotes_that_moved(
    changed: Build, bundle: AuditBundle
) -> None:
    later = changed(edit(CASE, "主观上有过错，应当承担赔偿责任", "主观上没有过错，不承担赔偿责任"))
    report = later.audit(bundle)
    failed = [check for check in report.checks if not check.holds]
    case = next(document for document in bundle.documents if document.id == "guangzhou-ultraman-2024")
    assert failed[0] == Check(
        kind="document", what=f"{case.title}（guangzhou-ultraman-2024）", holds=False, detail="文本与当时不同"
    )
    assert [check.kind for check in failed].count("document") == 1
    cited = {citation.n: citation for citation in bundle.answer.citations}
    quotes = {check.what for check in failed if check.kind == "quote"}
    of_case = {f"[{n}] {c.label}" for n, c in cited.items() if c.document_id == case.id}
    assert set() < quotes <= of_case
    assert {pair.name: pair.same for pair in report.fingerprints}["corpus"] is False


def test_a_version_repealed_since_then_is_not_in_force_though_its_text_stands(
    changed: Build, bundle: AuditBundle
) -> None:
    later = changed(edit(MEASURES, "repealed: null", "repealed: 2024-09-01"))
    report = later.audit(bundle)
    assert failing(report) == {"in_force"}
    assert {check.detail for check in report.checks if not check.holds} == {
        f"{bundle.answer.as_of} 不施行：2023-08-15 起，2024-09-01 失效"
    }


def test_a_document_taken_out_of_the_corpus_is_named(changed: Build, bundle: AuditBundle) -> None:
    report = changed(lambda folder: (folder / MEASURES).unlink()).audit(bundle)
    gone = [check.what for check in report.checks if check.kind == "document" and not check.holds]
    assert gone == ["生成式人工智能服务管理暂行办法（aigc-interim-measures-2023）"]


def test_a_change_to_what_is_not_cited_is_only_another_fingerprint(changed: Build, bundle: AuditBundle) -> None:
    report = changed(lambda folder: (folder / "papers/aigc-paper.md").unlink()).audit(bundle)
    assert report.holds
    assert [pair.name for pair in report.fingerprints if not pair.same] == ["corpus", "index"]


# --- command line ----------------------------------------------------------------------------------------------------


def test_bundle_is_written_beside_the_answer_and_audited(shell: Shell, index_dir: Path) -> None:
    plain = shell("ask", PARAGRAPH, "--as-of", "2022-01-01", "--index", index_dir)
    kept = shell("ask", PARAGRAPH, "--as-of", "2022-01-01", "--index", index_dir, "--bundle", "kept.json")
    assert (kept.code, kept.out, kept.err) == (0, plain.out, "")
    stored = read_bundle(shell.folder / "kept.json")
    assert (stored.question, stored.as_of) == (PARAGRAPH, dt.date(2022, 1, 1))
    run = shell("audit", "kept.json", "--index", index_dir)
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines() == [
        f"再核查：{PARAGRAPH}",
        "",
        "✓ 所引文件的文本未变（1/1）",
        "✓ 引文逐字在所标位置（1/1）",
        "✓ 条款项、标题、案号与来源一致（1/1）",
        "✓ 所引版本当日施行（1/1）",
        "✓ 正文由这些论断和引文组成（2/2）",
        "✓ 论断所提条文、案号见于所引来源（1/1）",
        "✓ 来源对论断的支持不弱于当时（1/1）",
        "",
        "指纹（仅供参考）：语料相同，索引相同，设置相同，向量模型相同",
        "全部成立。",
    ]


def test_audit_of_a_tampered_bundle_ends_with_1_and_says_what_differs(
    shell: Shell,
    assistant: Assistant,
    bundle: AuditBundle,
    index_dir: Path,
) -> None:
    stored = bundle.model_dump(mode="json")
    TAMPERED["claim with a wrong article"].do(stored)
    path = shell.file("tampered.json", stored)
    report = assistant.audit(AuditBundle.model_validate(stored))
    read, machine = shell("audit", path, "--index", index_dir), shell("audit", path, "--json", "--index", index_dir)
    assert (read.code, read.out, read.err) == (1, as_text(report) + "\n", "")
    claims = len(bundle.answer.claims)
    assert f"✗ 论断所提条文、案号见于所引来源（{claims - 1}/{claims}）" in read.out.splitlines()
    assert read.out.splitlines()[-1] == "2 项不再成立。"
    assert (machine.code, AuditReport.model_validate_json(machine.out)) == (1, report)
    assert json.loads(machine.out)["holds"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("audit", "nowhere.json"), "无法读取核查包 nowhere.json。 原因：No such file or directory"),
        (("audit", "cut.json"), "核查包 cut.json 不是有效的 JSON。"),
        (("audit", "newer.json"), "核查包 newer.json 的格式比本程序新。"),
        (
            ("ask", PARAGRAPH, "--bundle", "no/where.json"),
            "无法写入核查包 no/where.json。 原因：No such file or directory",
        ),
        (("ask", PARAGRAPH, "--bundle", "."), "无法写入核查包 .。"),
        (("ask", "--batch", "cut.json", "--bundle", "b.json"), "--bundle 只用于单个问题。"),
    ],
    ids=["no file", "truncated", "newer", "no folder to write to", "a folder", "batch"],
)
def test_unusable_files_end_with_2_and_a_message(
    shell: Shell,
    index_dir: Path,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    shell.file("cut.json", '{"format": 1, "product"')
    shell.file("newer.json", {"format": FORMAT + 1, "product": "9.9"})
    run = shell(*arguments, "--index", index_dir)
    assert (run.code, run.out) == (2, "")
    assert said in run.err
    assert "Traceback" not in run.err
    assert {path.name for path in shell.folder.iterdir()} == {"cut.json", "newer.json"}
