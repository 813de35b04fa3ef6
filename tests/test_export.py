"""Exported files, opened again with the libraries that others would open them with."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from xml.etree import ElementTree

import docx
import frontmatter
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.errors import InvalidInput
from rag.export import DISCLAIMER, FILE_TYPES, VISIBLE, Format, export, file_name
from rag.pipeline import Assistant
from rag.types import Answer, Citation, Claim, Conflict, ConflictSide, Fingerprints, Kind, Refusal, Warning

FIELDS = ["Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2"]
CREATED = dt.datetime(2026, 11, 27, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
FORMATS: tuple[Format, ...] = ("markdown", "docx", "pdf")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def citation(n: int, **changes: object) -> Citation:
    fields: dict[str, object] = {
        "n": n, "passage_id": "copyright-law-2020/art-24", "document_id": "copyright-law-2020",
        "title": "中华人民共和国著作权法", "kind": Kind.LAW, "jurisdiction": "CN", "number": "主席令第六十二号",
        "article": "第二十四条", "paragraph": "第一款", "item": f"第（{n}）项", "section": None, "quote": f"原句{n}",
        "start": 10 * n, "end": 10 * n + 3, "in_force": True, "effective": dt.date(2021, 6, 1), "repealed": None,
        "text_status": "digest", "evidence": "verified", "url": "https://flk.npc.gov.cn/detail?id=1",
        "label": f"《著作权法》第二十四条第一款第（{n}）项",
    }  # fmt: skip
    return Citation.model_validate({**fields, **changes})


def answer(text: str, citations: tuple[Citation, ...] = (), **changes: object) -> Answer:
    prints = Fingerprints(corpus="c1", index="i1", settings="s1")
    fields = {"question": "可以吗？", "as_of": dt.date(2026, 11, 27), "answer": text, "fingerprints": prints}
    return Answer.model_validate({**fields, "citations": citations, **changes})


SAMPLE = answer(
    "*按 2026-11-27 施行的法律回答。*\n\n**法律规定**\n\n后一句。[2]前一句。[1]再说一遍。[2]\n- （一）第一项；[1]\n\n"
    "| 甲 | 乙 |\n|---|---|\n| 有[1] | 无[9] |\n\n> 提示：论文此处有误。",
    (citation(1), citation(2)),
    warnings=(Warning(kind="paper_erratum", message="论文此处有误。"), Warning(kind="other", message="另有提示。")),
    conflicts=(
        Conflict(question="能否？", sides=(ConflictSide(position="能", citations=(1,)), ConflictSide(position="不能", citations=(2,)))),
    ),
)  # fmt: skip


def made(answers: list[Answer], form: Format, **options: str) -> bytes:
    return export(answers, form, created=CREATED, **options)


def markdown(answers: list[Answer]) -> str:
    return frontmatter.loads(made(answers, "markdown").decode()).content


def notes_in_docx(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = ElementTree.fromstring(archive.read("word/footnotes.xml"))
    notes = {n.get(f"{W}id", ""): "".join(t.text or "" for t in n.iter(f"{W}t")) for n in root}
    return {number: text for number, text in notes.items() if int(number) > 0}


def text_of_docx(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def text_of_pdf(content: bytes) -> str:
    """The text without line ends and without what stands at the foot of every page."""
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
    return "".join(re.sub(rf"^人工智能生成，仅供参考\n{n}\n", "", page) for n, page in enumerate(pages, 1)).replace(
        "\n", ""
    )


def text_of(content: bytes, form: Format) -> str:
    return {"markdown": bytes.decode, "docx": text_of_docx, "pdf": text_of_pdf}[form](content)


def label_in(content: bytes, form: Format) -> dict[str, str]:
    """The implicit label as it stands in the file."""
    if form == "markdown":
        return frontmatter.loads(content.decode())["AIGC"]
    if form == "pdf":
        metadata = pypdf.PdfReader(io.BytesIO(content)).metadata
        assert metadata is not None
        return json.loads(metadata["/AIGC"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (stored,) = ElementTree.fromstring(archive.read("docProps/custom.xml"))
    assert (stored.get("name"), stored.get("fmtid")) == ("AIGC", "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}")
    return json.loads(stored[0].text or "")


@pytest.mark.parametrize("form", FORMATS)
def test_the_implicit_label_is_read_back_from_the_metadata(form: Format) -> None:
    label = label_in(made([SAMPLE], form, provider="某律师事务所"), form)
    assert list(label) == FIELDS
    assert (label["Label"], label["ContentProducer"]) == ("1", "某律师事务所")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f-]{17}", label["ProduceID"])
    assert {label[name] for name in FIELDS[3:]} == {""}


def test_one_content_has_one_number_in_every_format_and_another_content_another() -> None:
    numbers = {label_in(made([SAMPLE], form), form)["ProduceID"] for form in FORMATS}
    other = label_in(made([SAMPLE, SAMPLE], "pdf"), "pdf")["ProduceID"]
    assert (len(numbers), other in numbers) == (1, False)


def test_a_file_carries_the_implicit_label_once() -> None:
    content = made([SAMPLE], "pdf")
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert (reader.xmp_metadata, content.count(b"/AIGC")) == (None, 1)
    assert made([SAMPLE], "markdown").count(b"ProduceID") == 1


@pytest.mark.parametrize("form", FORMATS)
def test_the_visible_label_comes_first_and_the_disclaimer_is_there(form: Format) -> None:
    text = text_of(made([SAMPLE], form), form)
    assert text.index(VISIBLE) < text.index("可以吗")
    assert DISCLAIMER in text


@pytest.mark.parametrize("word", ["人工智能", "生成"])
def test_the_visible_label_has_both_elements(word: str) -> None:
    assert word in VISIBLE


def test_every_page_of_a_pdf_says_so() -> None:
    long = answer("\n\n".join(f"第{n}段。" * 40 for n in range(30)))
    pages = pypdf.PdfReader(io.BytesIO(made([long], "pdf"))).pages
    assert len(pages) > 2
    assert ["人工智能生成" in page.extract_text() for page in pages] == [True] * len(pages)


def test_footnotes_are_numbered_as_the_text_first_uses_them() -> None:
    text = markdown([SAMPLE])
    assert "后一句。[^1]前一句。[^2]再说一遍。[^1]" in text
    assert "- （一）第一项；[^2]" in text
    assert "| 有[^2] | 无\\[9\\] |" in text
    notes = re.findall(r"^\[\^(\d+)\]: (.*)$", text, re.MULTILINE)
    assert notes == [
        ("1", "《著作权法》第二十四条第一款第（2）项：“原句2”（法律·摘要，有效，2021-06-01 起施行；copyright-law-2020/art-24，第 20—23 字符） <https://flk.npc.gov.cn/detail?id=1>"),
        ("2", "《著作权法》第二十四条第一款第（1）项：“原句1”（法律·摘要，有效，2021-06-01 起施行；copyright-law-2020/art-24，第 10—13 字符） <https://flk.npc.gov.cn/detail?id=1>"),
    ]  # fmt: skip


def test_each_turn_of_a_conversation_has_its_own_citations() -> None:
    first, second = answer("甲。[1]", (citation(1),)), answer("乙。[1]", (citation(1, label="《民法典》第一条"),))
    text = markdown([first, second])
    assert ("甲。[^1]" in text, "乙。[^2]" in text) == (True, True)
    assert re.findall(r"^\[\^\d+\]: ([^：]+)：", text, re.MULTILINE) == [
        "《著作权法》第二十四条第一款第（1）项",
        "《民法典》第一条",
    ]


def test_docx_has_real_footnotes_and_refers_to_one_again_by_a_field() -> None:
    content = made([SAMPLE], "docx")
    notes = notes_in_docx(content)
    assert list(notes) == ["1", "2"]
    assert "《著作权法》第二十四条第一款第（2）项：“原句2”（法律·摘要" in notes["1"]
    assert "https://flk.npc.gov.cn/detail?id=1" in notes["1"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))
        rels = archive.read("word/_rels/document.xml.rels").decode()
        types = archive.read("[Content_Types].xml").decode()
        links = archive.read("word/_rels/footnotes.xml.rels").decode()
    assert [r.get(f"{W}id") for r in body.iter(f"{W}footnoteReference")] == ["1", "2"]
    assert ('Target="https://flk.npc.gov.cn/detail?id=1"' in links, 'TargetMode="External"' in links) == (True, True)
    fields = [(i.text or "").split()[1] for i in body.iter(f"{W}instrText")]
    assert set(fields) == {"_Note1", "_Note2"}
    assert {b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")} == {"_Note1", "_Note2"}
    assert ("footnotes.xml" in rels, "/word/footnotes.xml" in types, "/docProps/custom.xml" in types) == (True,) * 3


def test_pdf_numbers_link_to_their_notes() -> None:
    reader = pypdf.PdfReader(io.BytesIO(made([SAMPLE], "pdf")))
    links = [a.get_object() for page in reader.pages for a in page.get("/Annots", [])]
    assert sum("/Dest" in link for link in links) == 7  # five in the text and the table, two in the conflict
    assert {link["/A"]["/URI"] for link in links if "/A" in link} == {"https://flk.npc.gov.cn/detail?id=1"}
    assert "[1] 《著作权法》第二十四条第一款第（2）项：“原句2”" in text_of_pdf(made([SAMPLE], "pdf"))


@pytest.mark.parametrize("form", FORMATS)
def test_sources_have_their_version_and_warnings_and_conflicts_are_there_once(form: Format) -> None:
    text = text_of(made([SAMPLE], form), form)
    version = "《中华人民共和国著作权法》（主席令第六十二号）。法律，摘要；有效，2021-06-01 起施行。"
    counts = [
        text.count(part) for part in (version, "论文此处有误。", "另有提示。", "裁判不一：能否？", "语料 c1，索引 i1")
    ]
    assert counts == [1, 1, 1, 1, 1]


def test_a_conflict_that_the_answer_shows_already_is_not_repeated() -> None:
    shown = SAMPLE.model_copy(
        update={"answer": SAMPLE.answer + "\n\n**裁判不一：能否？**\n\n| 能 | 不能 |\n|---|---|\n| 甲案[1] | 乙案[2] |"}
    )
    assert markdown([shown]).count("能否？") == 1


def test_what_a_source_carries_only_in_part_is_marked() -> None:
    claims = (
        Claim(text="前一句。", citations=(1,), support="partial", score=0.5),
        Claim(text="不在正文里。", citations=(1,), support="unsupported", score=0.1),
    )
    text = markdown([answer("前一句。[1]后一句。[2]", (citation(1), citation(2)), claims=claims)])
    assert "前一句。[^1]〔来源只支持一部分〕后一句。[^2]" in text
    assert "不在正文里。〔来源不支持〕[^1]" in text


def test_a_number_inside_a_quoted_sentence_is_no_citation() -> None:
    claims = (Claim(text="论文说[1]如此。", citations=(1,), support="supported", score=0.9),)
    assert "论文说\\[1\\]如此。[^1]" in markdown([answer("论文说[1]如此。[1]", (citation(1),), claims=claims)])


def test_a_citation_that_the_text_does_not_use_is_still_given() -> None:
    assert "另据：[^1]" in markdown([answer("没有编号。", (citation(1),))])


@pytest.mark.parametrize("form", FORMATS)
def test_a_refusal_is_exported_as_one(form: Format) -> None:
    refusal = Refusal(reason="not_in_corpus", message="没有收录《专利法》。", missing=("《专利法》",))
    text = text_of(made([answer("没有收录《专利法》。", refused=True, refusal=refusal)], form), form)
    assert [part in text for part in ("没有回答：资料里没有。", "没有收录《专利法》。", "缺少：《专利法》")] == [
        True
    ] * 3


HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)> [点](javascript:alert(1)) ![图](https://evil.example/x.png) & \x00\x07\ud800\ufffe\u202e完"


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_text_stays_text(form: Format) -> None:
    hostile = answer(
        HOSTILE + "[1]", (citation(1, quote=HOSTILE, url="javascript:alert(1)", label="<b>假</b>"),), question=HOSTILE
    )
    content = made([hostile], form, title=HOSTILE, provider="<x/>")
    text = text_of(content, form)
    assert (text.count("alert(1)") >= 3, "evil.example" in re.sub(r"\\", "", text)) == (True, True)
    if form == "markdown":
        html = MarkdownIt("commonmark").enable("table").render(frontmatter.loads(content.decode()).content)
        assert [tag for tag in ("<script", "<img", "<a ", "<b>") if tag in html] == []
    assert not {"\x00", "\x07", "\ufffe", "\u202e"} & set(text)


def test_no_link_leads_anywhere_but_to_ordinary_pages() -> None:
    content = made([answer("甲。[1]", (citation(1, url="javascript:alert(1)"),))], "pdf")
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    assert [a for page in pages for a in page.get("/Annots", []) if "/A" in a.get_object()] == []


def test_letters_beyond_the_chinese_typeface_survive_in_pdf() -> None:
    assert "Městský soud v Praze，München" in text_of_pdf(made([answer("Městský soud v Praze，München。")], "pdf"))


def test_no_line_of_a_pdf_begins_with_a_closing_sign() -> None:
    text = "".join(f"《第{n}部法律》规定，" + "字" * (1 + n % 7) + "。" for n in range(300))
    pages = pypdf.PdfReader(io.BytesIO(made([answer(text)], "pdf"))).pages
    lines = [line for page in pages for line in page.extract_text().split("\n")]
    assert len(lines) > 50
    assert [line for line in lines if line.startswith(("，", "。", "》"))] == []


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80), st.text(max_size=40), st.sampled_from(FORMATS))
def test_any_text_can_be_exported(said: str, quoted: str, form: Format) -> None:
    claims = (Claim(text=said, citations=(1,), support="partial", score=0.5),)
    given_answer = answer(said + "[1]", (citation(1, quote=quoted, label=quoted),), question=quoted, claims=claims)
    label = label_in(made([given_answer], form, title=said), form)
    assert label["Label"] == "1"


def test_a_table_longer_than_a_page_is_broken() -> None:
    rows = "\n".join(f"| 第{n}行 | {'很长的内容' * 60} |" for n in range(40))
    content = made([answer(f"| 甲 | 乙 |\n|---|---|\n{rows}")], "pdf")
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) > 5


@pytest.mark.parametrize("form", FORMATS)
def test_answers_of_the_product_are_exported_whole(form: Format, product: Assistant) -> None:
    given = [
        product.answer("用 AI 画的图有著作权吗？"),
        product.answer("比较北京文生图案和苏州蝴蝶椅案"),
        product.answer("今天天气怎么样？"),
    ]
    content = made(given, form)
    text = re.sub(r"[\\*\s]", "", text_of(content, form))
    said = [claim.text for answer in given for claim in answer.claims]
    assert len(said) > 20
    missing = [claim for claim in said if re.sub(r"[\\*\s]", "", claim) not in text]
    assert missing == []
    notes = "".join(notes_in_docx(content).values()) if form == "docx" else text
    quotes = [re.sub(r"\s", "", c.quote) for a in given for c in a.citations]
    assert [quote for quote in quotes if quote not in re.sub(r"[\\\s]", "", notes)] == []


def test_nothing_to_export_is_said_so() -> None:
    with pytest.raises(InvalidInput, match="先提一个问题"):
        export([], "pdf")


@pytest.mark.parametrize(
    ("title", "form", "name"),
    [
        ("用 AI 画的图，有著作权吗？", "docx", "用-AI-画的图有著作权吗.docx"),
        ("../../etc/passwd", "pdf", "etcpasswd.pdf"),
        ("？？", "markdown", "answer.md"),
    ],
)
def test_file_names_are_safe(title: str, form: Format, name: str) -> None:
    assert file_name(title, form) == name
    assert FILE_TYPES[form].suffix == name[name.rindex(".") :]
