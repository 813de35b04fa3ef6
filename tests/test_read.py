"""Files to documents: every format and encoding that is read, and everything that is refused with a reason."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.extract import join_lines
from ingest.read import load
from rag.errors import DocumentRefused
from rag.types import Document, DocumentMeta, Kind

FRONT = "---\nid: x\ntitle: 某法\nkind: law\n---\n"
BODY = "第一条 为了保护作者的合法权益。\n\n第二条 作品包括文字作品。"
META = DocumentMeta(id="x", title="某法", kind=Kind.LAW)
Write = Callable[[str, bytes | str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


def read(path: Path) -> Document:
    return load(path, root=path.parent)


def refusal(path: Path) -> tuple[str, str]:
    with pytest.raises(DocumentRefused) as caught:
        read(path)
    assert caught.value.next_step
    return caught.value.what, caught.value.why


# --- text and front matter ---


@pytest.mark.parametrize(
    "content",
    [
        pytest.param((FRONT + BODY).encode(), id="utf-8"),
        pytest.param(b"\xef\xbb\xbf" + (FRONT + BODY).encode(), id="byte-order-mark"),
        pytest.param((FRONT + BODY).replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param((FRONT + BODY).replace("\n", "\r").encode(), id="old-mac-line-ends"),
        pytest.param((FRONT + BODY).encode("gb18030"), id="gbk"),
        pytest.param((FRONT + BODY).encode("utf-16"), id="utf-16"),
        pytest.param((FRONT.replace("---\n", "---  \n") + "\n\n" + BODY + "\n\n").encode(), id="blanks-around"),
    ],
)
def test_encoding_and_line_ends_make_no_difference(write: Write, content: bytes) -> None:
    assert read(write("a.md", content)) == Document(meta=META, text=BODY)


def test_big5_is_read_as_what_it_says(write: Write) -> None:
    text = "著作權法保護作者的權利，任何人不得侵害。"
    assert read(write("a.txt", text.encode("big5"))).text == text


def test_front_matter_gives_every_field_its_type(write: Write) -> None:
    header = (
        "---\nid: j-1\ntitle: 某案\naliases: 奥特曼案\nkind: judgment\nnumber: (2024)粤0192民初113号\n"
        "decided: 2024-02-08\nappeal: {number: (2024)粤01民终1号, decided: null}\nparties: {plaintiff: [甲], defendant: [乙]}\n"
        "amounts: {claimed: 300000, awarded: '10,000元'}\napplies: [copyright-law-2020/art-10]\n---\n"
    )
    meta = read(write("a.MD", header + BODY)).meta
    assert meta.model_dump(mode="json", exclude_defaults=True) == {
        "id": "j-1",
        "title": "某案",
        "aliases": ["奥特曼案"],
        "kind": "judgment",
        "number": "(2024)粤0192民初113号",
        "decided": "2024-02-08",
        "appeal": {"number": "(2024)粤01民终1号"},
        "parties": {"plaintiff": ["甲"], "defendant": ["乙"]},
        "amounts": {"claimed": "300000", "awarded": "10,000元"},
        "applies": ["copyright-law-2020/art-10"],
    }


FORMAT = "文件头（front matter）不合格式：a.md。"
YAML = "文件头（front matter）不是有效的 YAML：a.md。"
OPEN = ("文件头（front matter）没有结束或为空：a.md。", "以 --- 开头，但缺少成对的 --- 或字段")
NO_TEXT = ("文件没有可用的文字：a.md。", "正文为空，或是扫描图像")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            FRONT.replace("kind: law", "kind: law\nfoo: 1") + BODY,
            (FORMAT, "foo: Extra inputs are not permitted"),
            id="unknown-field",
        ),
        pytest.param("---\ntitle: 某法\nkind: law\n---\n" + BODY, (FORMAT, "id: Field required"), id="no-id"),
        pytest.param(
            FRONT.replace("id: x", "id: a/b") + BODY,
            (FORMAT, r"id: String should match pattern '^[^\s/#]+$'"),
            id="slash-in-id",
        ),
        pytest.param(
            "---\nid: x\ntitle: 某法\nkind: law\nkeys: {a: 1}\n1: 2\n---\n" + BODY,
            (FORMAT, "keys: Extra inputs are not permitted；1: Keys should be strings"),
            id="two-problems-both-told",
        ),
        pytest.param(
            FRONT.replace("kind: law", "kind: law\naliases: a: b") + BODY,
            (YAML, "第 5 行：mapping values are not allowed in this context"),
            id="broken-yaml-names-the-line",
        ),
        pytest.param(
            FRONT.replace("kind: law", "kind: law\nnumber: !!python/object/apply:os.getcwd []") + BODY,
            (
                YAML,
                "第 5 行：could not determine a constructor for the tag 'tag:yaml.org,2002:python/object/apply:os.getcwd'",
            ),
            id="yaml-that-calls-python",
        ),
        pytest.param("---\nid: x\ntitle: 某法\nkind: law\n\n" + BODY, OPEN, id="no-closing-marks"),
        pytest.param("---\n---\n" + BODY, OPEN, id="empty-header"),
        pytest.param("---\n- id\n- title\n---\n" + BODY, OPEN, id="header-is-a-list"),
        pytest.param("", NO_TEXT, id="empty-file"),
        pytest.param(" \n\u3000\n", NO_TEXT, id="blank-file"),
        pytest.param(FRONT, NO_TEXT, id="header-without-text"),
        pytest.param(FRONT + "九个字的正文还不够", NO_TEXT, id="nine-characters"),
        pytest.param(b"text\x00with a null byte", ("不是文本文件：a.md。", "内容含二进制数据"), id="null-byte"),
        pytest.param(
            bytes(range(256)) * 4,
            ("无法识别文件编码：a.md。", "既不是 UTF-8，也不像 GB18030、Big5 或 UTF-16"),
            id="no-known-encoding",
        ),
    ],
)
def test_malformed_file_is_refused_with_the_reason(
    write: Write, content: bytes | str, expected: tuple[str, str]
) -> None:
    assert refusal(write("a.md", content)) == expected


def test_ten_characters_are_enough(write: Write) -> None:
    assert read(write("a.md", FRONT + "十个字的正文已经够用")).text == "十个字的正文已经够用"


def test_a_day_that_does_not_exist_is_refused(write: Write) -> None:
    what, _ = refusal(write("a.md", FRONT.replace("kind: law", "kind: law\neffective: 2021-02-30") + BODY))
    assert what == YAML


def test_unsupported_suffix_is_refused_with_the_list_of_supported_ones(write: Write) -> None:
    expected = "后缀 '.rtf' 不在 ['.docx', '.html', '.md', '.pdf', '.txt'] 之列"
    assert refusal(write("a.rtf", BODY)) == ("不支持的文件类型：a.rtf。", expected)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    what, why = refusal(tmp_path / "nowhere.md")
    assert what == f"无法读取文件：{tmp_path / 'nowhere.md'}。"
    assert "No such file" in why


# --- files without front matter ---

JUDGMENT = "民事判决书\n\n(2024)粤0192民初113号\n\n本院认为，被告侵权。"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        pytest.param(
            "行政法规/某管理条例(2021-11-16).md",
            "# 某管理条例\n\n" + BODY,
            {
                "id": "行政法规-某管理条例(2021-11-16)",
                "title": "某管理条例",
                "kind": "administrative_regulation",
                "promulgated": "2021-11-16",
            },
            id="regulation-with-date-in-its-name",
        ),
        pytest.param(
            "law.txt",
            "# 中华人民共和国著作权法\n\n" + BODY,
            {"id": "law", "title": "中华人民共和国著作权法", "aliases": ["著作权法"], "kind": "law"},
            id="law-with-its-short-name",
        ),
        pytest.param("最高人民法院规定.txt", BODY, {"kind": "judicial_interpretation"}, id="judicial-interpretation"),
        pytest.param("某规定.txt", BODY, {"kind": "departmental_rule"}, id="other-instrument"),
        pytest.param("某案.txt", JUDGMENT, {"kind": "judgment"}, id="judgment"),
        pytest.param("某 文#1 (2024-13-45).txt", "这是一篇讨论第一条的文章。", {"id": "某-文-1-(2024-13-45)", "kind": "paper"}, id="paper"),
        pytest.param("（2020-01-01）.txt", BODY, {"title": "（2020-01-01）", "promulgated": "2020-01-01"}, id="date-alone"),
    ],
)  # fmt: skip
def test_what_can_be_told_of_a_file_without_front_matter(
    write: Write, tmp_path: Path, name: str, content: str, expected: dict[str, object]
) -> None:
    meta = load(write(name, content), root=tmp_path).meta.model_dump(mode="json")
    assert {key: meta[key] for key in expected} == expected
    assert (meta["text_status"], meta["evidence"], meta["effective"]) == ("full_text", "unverified", None)


@pytest.mark.parametrize("title", ["生成式人工智能服务管理暂行办法", "实施办法"])
def test_measures_are_not_taken_for_a_law(write: Write, title: str) -> None:
    assert read(write(f"{title}.txt", BODY)).meta.kind is Kind.DEPARTMENTAL_RULE


def test_a_paper_is_never_given_a_date_from_its_file_name(write: Write) -> None:
    assert read(write("综述(2021-11-16).txt", "一篇没有条文的文章，长度足够。")).meta.promulgated is None


# --- PDF ---

PARAGRAPHS = [
    "1. 提出问题",
    "生成式人工智能技术，是指具有文本、图片、音频、视频等内容生成能力的模型及相关技术。自2022年OpenAI发布ChatGPT以来，"
    "国内也开启了大模型训练热潮，许多针对特定行业和特定应用场景而开发的垂直小模型也如雨后春笋般拔地而起。",
    "人工智能技术的飞速发展，极大加快了科学技术和社会生产生活的变革速度，给人们的生活带来极大的便利性，"
    "但也带来了新的挑战。",
    "第二条 作品",
    "（一）文字作品，包括小说、诗词、散文、论文等以文字形式表现的作品，以及其他以文字、数字或者符号表示的成果；",
    "（二）口述作品。",
]


def chinese_pdf(*, encrypt: StandardEncryption | None = None, compress: int = 0) -> bytes:
    """A real PDF of several pages in a Chinese CID font, broken into lines of 34 characters, with page numbers."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=encrypt, invariant=1, pageCompression=compress)
    height, page = 0, 0
    for paragraph in PARAGRAPHS * 4:
        for start in range(0, len(paragraph), 34):
            if height == 0:
                if page:
                    canvas.showPage()
                height, page = 7, page + 1
                canvas.setFont("STSong-Light", 12)
                canvas.drawString(290, 30, f"- {page} -")
            canvas.drawString(60, 600 + 20 * height, paragraph[start : start + 34])
            height -= 1
    canvas.save()
    assert page > 2
    return buffer.getvalue()


def test_pdf_pages_are_joined_and_broken_lines_rejoined(write: Write) -> None:
    assert read(write("论文.pdf", chinese_pdf())).text == "\n\n".join(PARAGRAPHS * 4)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.7, 0.99])
def test_truncated_pdf_is_refused(write: Write, share: float) -> None:
    content = chinese_pdf()
    what, why = refusal(write("a.pdf", content[: int(share * len(content))]))
    assert what == "PDF 已损坏或不完整：a.pdf。"
    assert "Error" in why


def test_text_with_the_suffix_pdf_is_refused(write: Write) -> None:
    assert refusal(write("a.pdf", BODY))[0] == "PDF 已损坏或不完整：a.pdf。"


def test_pdf_with_a_password_is_refused_and_one_with_an_empty_password_read(write: Write) -> None:
    locked = write("locked.pdf", chinese_pdf(encrypt=StandardEncryption("secret", "owner")))
    unlocked = write("unlocked.pdf", chinese_pdf(encrypt=StandardEncryption("", "owner")))
    assert refusal(locked) == ("PDF 已加密：locked.pdf。", "需要密码")
    assert read(unlocked).text == "\n\n".join(PARAGRAPHS * 4)


def test_pdf_of_images_alone_is_refused(write: Write) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.rect(100, 100, 300, 300, fill=1)
    canvas.save()
    assert refusal(write("a.pdf", buffer.getvalue())) == ("文件没有可用的文字：a.pdf。", "正文为空，或是扫描图像")


def test_pdf_with_aes_encryption_is_read_or_refused(write: Write) -> None:
    content = chinese_pdf(encrypt=StandardEncryption("", "owner", strength=128))
    aes = b"/V 4 /CF <</StdCF <</CFM /AESV2 /Length 16>>>> /StmF /StdCF /StrF /StdCF"
    path = write("a.pdf", content.replace(b"/R 3", b"/R 4").replace(b"/V 2", aes))
    assert "PDF" in refusal(path)[0]


def test_pdf_with_an_unknown_filter_is_refused(write: Write) -> None:
    content = chinese_pdf(compress=1)
    assert content.count(b"/ASCII85Decode") > 2
    path = write("a.pdf", content.replace(b"/ASCII85Decode", b"/ASCII99Decode"))
    assert refusal(path)[0] == "PDF 已损坏或不完整：a.pdf。"


FULL = "本案中原告主张被告未经许可使用其作品生成图片并向公众提供"  # 28 characters: a full line of the cases below


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([FULL, FULL, "完。"], [f"{FULL}{FULL}完。"], id="full-lines-go-on"),
        pytest.param([FULL, "到此为止。", FULL], [f"{FULL}到此为止。", FULL], id="short-line-with-full-stop-ends"),
        pytest.param([FULL, "短标题", FULL], [f"{FULL}短标题", FULL], id="very-short-line-ends"),
        pytest.param([FULL[:-1] + "。", FULL], [f"{FULL[:-1]}。{FULL}"], id="full-line-with-full-stop-goes-on"),
        pytest.param([FULL, "　　" + FULL], [FULL, FULL], id="indented-line-begins"),
        pytest.param([FULL, "（一）甲", "（二）乙"], [FULL, "（一）甲", "（二）乙"], id="items-begin"),
        pytest.param([FULL, "第二条 甲"], [FULL, "第二条 甲"], id="article-begins"),
        pytest.param([FULL, "3.1 小节"], [FULL, "3.1 小节"], id="numbered-heading-begins"),
        pytest.param([FULL, "- 12 -", FULL], [FULL + FULL], id="page-number-in-mid-sentence"),
        pytest.param([FULL, "第 3 页 / 9", "12/30", FULL], [FULL + FULL], id="page-number-forms"),
        pytest.param(["", "  ", "\t"], [], id="nothing"),
        pytest.param(
            ["The rapid devel-", "opment of AI is"], ["The rapid development of AI is"], id="hyphen-at-line-end"
        ),
        pytest.param(["content by AI-", "Generated works"], ["content by AI- Generated works"], id="hyphen-before-capital"),
        pytest.param(["自 2022 年 OpenAI 发布的", "ChatGPT 以来国内也开启了"], ["自 2022 年 OpenAI 发布的ChatGPT 以来国内也开启了"], id="no-blank-at-han"),
    ],
)  # fmt: skip
def test_page_lines_become_paragraphs(lines: list[str], expected: list[str]) -> None:
    assert join_lines("\n".join(lines)) == "\n\n".join(expected)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([FULL + "，赔偿", "3.5万元。"], f"{FULL}，赔偿3.5万元。", id="decimal-amount"),
        pytest.param([FULL + "依第十条第", "（五）项的规定。"], f"{FULL}依第十条第（五）项的规定。", id="item-referred-to"),
    ],
)  # fmt: skip
def test_a_sentence_is_not_cut_at_a_number(lines: list[str], expected: str) -> None:
    assert join_lines("\n".join(lines)) == expected


# --- DOCX ---


def word_file(alter: Callable[[str, bytes], bytes] = lambda _name, part: part) -> bytes:
    """A real DOCX; ``alter`` may change its parts."""
    document = docx.Document()
    document.add_heading("某规定", 1)
    document.add_paragraph("第一条 为了保护作者。")
    document.add_paragraph("")
    table = document.add_table(2, 2)
    for row, column, text in ((0, 0, "案件"), (0, 1, "判赔|元"), (1, 0, "甲\n案"), (1, 1, "500")):
        table.cell(row, column).text = text
    document.add_heading("第二章 分则", 2)
    document.add_paragraph("第二条 表后的条文。")
    buffer = io.BytesIO()
    document.save(buffer)
    altered = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(altered, "w") as target:
        for name in source.namelist():
            target.writestr(name, alter(name, source.read(name)))
    return altered.getvalue()


def test_docx_keeps_headings_paragraphs_and_tables_in_order(write: Write) -> None:
    document = read(write("a.docx", word_file()))
    assert document.text == (
        "# 某规定\n\n第一条 为了保护作者。\n\n| 案件 | 判赔｜元 |\n| 甲 案 | 500 |\n\n"
        "## 第二章 分则\n\n第二条 表后的条文。"
    )  # fmt: skip
    assert (document.meta.title, document.meta.kind) == ("某规定", Kind.DEPARTMENTAL_RULE)


def _zip_without_word() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "no Word file")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(BODY.encode(), id="text"),
        pytest.param(_zip_without_word(), id="zip-that-is-no-docx"),
        pytest.param(word_file()[:9000], id="truncated"),
        pytest.param(word_file(lambda name, part: part[:300] if name == "word/document.xml" else part), id="broken-xml"),
    ],
)  # fmt: skip
def test_broken_docx_is_refused(write: Write, content: bytes) -> None:
    assert refusal(write("a.docx", content))[0] == "DOCX 已损坏或不是 Word 文件：a.docx。"


def _without_body(name: str, part: bytes) -> bytes:
    empty = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
    return empty if name == "word/document.xml" else part


def _nameless_style(name: str, part: bytes) -> bytes:
    return part.replace(b'<w:name w:val="heading 1"/>', b"<w:name/>") if name == "word/styles.xml" else part


@pytest.mark.parametrize("alter", [_without_body, _nameless_style])
def test_docx_that_breaks_while_it_is_walked_is_refused(write: Write, alter: Callable[[str, bytes], bytes]) -> None:
    assert refusal(write("a.docx", word_file(alter)))[0] == "DOCX 已损坏或不是 Word 文件：a.docx。"


def test_docx_paragraph_inside_a_content_control_is_read(write: Write) -> None:
    def wrap(name: str, part: bytes) -> bytes:
        plain = "<w:p><w:r><w:t>第二条 表后的条文。</w:t></w:r></w:p>".encode()
        wrapped = b"<w:sdt><w:sdtContent>" + plain + b"</w:sdtContent></w:sdt>"
        assert name != "word/document.xml" or plain in part
        return part.replace(plain, wrapped)

    assert read(write("a.docx", word_file(wrap))).text.endswith("第二条 表后的条文。")


# --- HTML ---


def page(body: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<h1>某办法</h1><p>第一条 甲乙丙丁。</p>", "# 某办法\n\n第一条 甲乙丙丁。", id="heading"),
        pytest.param("<h2>第一章 <b>总则</b></h2><p>正文甲乙丙丁。</p>", "## 第一章 总则\n\n正文甲乙丙丁。", id="inner-tag"),
        pytest.param("<p>甲乙丙<b>丁戊</b>己庚辛壬癸。</p>", "甲乙丙丁戊己庚辛壬癸。", id="bold-does-not-break"),
        pytest.param("<p>甲乙丙丁戊。<br>己庚辛壬癸。</p>", "甲乙丙丁戊。\n\n己庚辛壬癸。", id="br"),
        pytest.param("<nav>导航</nav><header>站名</header><p>正文甲乙丙丁戊己庚。</p><footer>版权</footer>", "正文甲乙丙丁戊己庚。", id="furniture"),
        pytest.param("<script>a()</script><style>p{}</style><!-- c --><p>正文甲乙丙丁戊己庚。</p>", "正文甲乙丙丁戊己庚。", id="code"),
        pytest.param("<div>侧栏</div><article><p>正文甲乙丙丁戊己庚。</p></article>", "正文甲乙丙丁戊己庚。", id="article-only"),
        pytest.param("<p>&nbsp;&nbsp;甲&lt;乙&gt;\xa0 丙丁戊己庚。</p>", "甲<乙> 丙丁戊己庚。", id="entities-and-blanks"),
    ],
)  # fmt: skip
def test_html_is_its_visible_text(write: Write, body: str, expected: str) -> None:
    assert read(write("a.html", page(body))).text == expected


def test_html_in_gbk_is_decoded_by_its_meta_tag(write: Write) -> None:
    content = page("<p>著作权法保护作者的权利。</p>", '<meta charset="gb2312">').encode("gb18030")
    assert read(write("a.html", content)).text == "著作权法保护作者的权利。"


def test_html_without_text_is_refused(write: Write) -> None:
    assert refusal(write("a.html", page("<script>a()</script>")))[0] == "文件没有可用的文字：a.html。"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            "<table><tr><td>请求与判赔</td><td>10,030</td><td>1560</td></tr></table>",
            ["请求与判赔", "10,030", "1560"],
            id="cells-of-a-table",
        ),
        pytest.param("<div>第一条 甲乙丙丁。<p>第二条 戊己庚辛。</p></div>", ["第一条", "甲乙丙丁。", "第二条", "戊己庚辛。"], id="text-before-p"),
        pytest.param("<section>甲乙丙丁戊。</section><section>己庚辛壬癸。</section>", ["甲乙丙丁戊。", "己庚辛壬癸。"], id="sections"),
    ],
)  # fmt: skip
def test_html_blocks_and_cells_do_not_run_together(write: Write, body: str, expected: list[str]) -> None:
    assert read(write("a.html", page(body))).text.replace("|", " ").split() == expected


def test_a_line_break_in_html_source_is_no_paragraph(write: Write) -> None:
    text = read(write("a.html", page("<p>著作权人依法享有\n复制权和发行权。</p>"))).text
    assert text.replace(" ", "") == "著作权人依法享有复制权和发行权。"


def test_dates_of_front_matter_are_days(write: Write) -> None:
    header = FRONT.replace("kind: law", "kind: law\neffective: 2021-06-01\nrepealed: '2024-01-01'")
    meta = read(write("a.md", header + BODY)).meta
    assert (meta.effective, meta.repealed) == (dt.date(2021, 6, 1), dt.date(2024, 1, 1))
    assert [meta.in_force(dt.date(*day)) for day in ((2021, 5, 31), (2021, 6, 1), (2023, 12, 31), (2024, 1, 1))] == [
        False,
        True,
        True,
        False,
    ]
