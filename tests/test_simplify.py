"""Questions and documents in traditional characters and in the words of Taiwan, Hong Kong and Macau."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.own import OwnDocuments
from ingest.upload import Upload
from rag.data import word_list
from rag.pipeline import Assistant
from rag.settings import Settings
from rag.simplify import characters, in_simplified, simplify
from rag.text import normalise

RULES = """# 資訊網路內容管理辦法

第一條 本公司員工以人工智慧產製影片者，應於影片標示其來源。

第二條 員工上傳之素材，其著作權歸本公司所有。
違反前項規定者，扣減當月獎金新臺幣五千元。

第三條 客戶之個人資料，不得輸入外部之人工智慧服務。
"""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("著作權法怎麼規定網路上的重製？", "著作权法怎么规定网络上的复制？"),
        ("隨著技術進步，名著的著作人與著作財產權人", "随着技术进步，名著的作者与著作财产权人"),
        ("這份契約由僱主簽，軟體的原始碼歸誰", "这份合同由用人单位签，软件的代码归谁"),
        ("佢哋未經授權攞我把聲去訓練，係咪侵權，點樣求償？", "他们未经授权攞我把声去训练，是不是侵权，怎么索赔？"),
        ("兩者的關係係乜嘢", "两者的关系是什么"),
        ("修改作品要先瞭解合理使用者的範圍", "修改作品要先了解合理使用者的范围"),
        ("《資訊網路傳播權保護條例》與資訊網路", "《资讯网路传播权保护条例》与信息网络"),
        ("「數位浮水印」怎麼加", "「数字水印」怎么加"),
        ("商標註冊人不符合約定，可以請求償還電影片酬嗎", "商标注册人不符合约定，可以请求偿还电影片酬吗"),
        ("這個資料庫與每個資料、重點解析和爭點解決", "这个数据库与每个资料、重点解析和争点解决"),
        (
            "外國立法例如何，判決書上載明共同著作權人，中國音樂著作權協會",
            "外国立法例如何，判决书上载明共同著作权人，中国音乐著作权协会",
        ),
        ("而家長不合約定，違反個資法點解唔得", "而家长不合约定，违反个人信息保护法为什么不行"),
        ("創業者多數位於臺北，軟體使用者不嚴重製造麻煩", "创业者多数位于台北，软件使用者不严重制造麻烦"),
    ],
)
def test_traditional_text_is_read_as_the_mainland_would_write_it(written: str, meant: str) -> None:
    assert simplify(written) == meant


@pytest.mark.parametrize(
    "written", ["看著作品发呆", "影片的资讯", "合约与演算法", "copyright in AI images", "お問い合わせ"]
)
def test_words_are_read_so_only_in_texts_with_traditional_characters(written: str) -> None:
    assert simplify(written) in (written, in_simplified(written))
    assert len(simplify(written)) == len(written)


def test_words_in_names_stay() -> None:
    text = "創意網路公司的網路平台"
    assert simplify(text, [(0, 6)]) == "创意网路公司的网络平台"


@given(st.text(alphabet="著作權網路軟體影片a《》1 第條", max_size=30))
def test_characters_keep_their_places(text: str) -> None:
    simplified = in_simplified(text)
    assert [in_simplified(character) for character in text] == list(simplified)
    assert simplify(simplify(text)) == simplify(text)


def test_no_character_stands_for_two_and_none_is_of_simplified_text() -> None:
    pairs = [pair for line in word_list("traditional") for pair in line.split()]
    assert {len(pair) for pair in pairs} == {2}
    assert len({pair[0] for pair in pairs}) == len(pairs)
    assert not {pair[0] for pair in pairs} & {pair[1] for pair in pairs}


def test_no_word_is_listed_twice_and_each_ends_in_simplified_characters() -> None:
    lines = [line.partition("=") for line in word_list("words_in_traditional")]
    words = [word for written, _, _ in lines for word in written.split()]
    assert len(set(words)) == len(words)
    assert [meant for _, _, meant in lines if in_simplified(meant) != meant] == []


def test_the_corpus_has_no_traditional_characters(assistant: Assistant) -> None:
    """So that nothing of it is searched otherwise than as it stands."""
    texts = {meta.id: assistant.document(meta.id) for meta in assistant.documents()}
    traditional = {
        name for name, document in texts.items() if document and set(map(ord, document.text)) & characters().keys()
    }
    assert traditional == set()


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("繪圖軟體生成的插畫，能不能主張著作權？", "绘图软件生成的插画，能不能主张著作权？"),
        ("生成式人工智慧業者違法，主管機關可以處多少罰鍰？", "生成式人工智能经营者违法，主管部门可以处多少罚款？"),
        ("廣州奧特曼案為甚麼判平台賠償？", "广州奥特曼案为什么判平台赔偿？"),
        ("著作權法第二十四條第一款第五項", "著作权法第二十四条第一款第五项"),
        ("著作權法第九百條怎麼規定？", "著作权法第九百条怎么规定？"),
        ("臺北今天的天氣怎麼樣，需要帶雨傘嗎？", "台北今天的天气怎么样，需要带雨伞吗？"),
        ("二〇一〇年的著作權法怎麼規定合理使用？", "二〇一〇年的著作权法怎么规定合理使用？"),
        (
            "廣州奧特曼案是最高人民法院判的，對吧，為什麼這樣判？",
            "广州奥特曼案是最高人民法院判的，对吧，为什么这样判？",
        ),
        ("廣州奧特曼案二審為什麼維持原判？", "广州奥特曼案二审为什么维持原判？"),
        ("合成語音要不要加標示？", "合成语音要不要加标识？"),
    ],
)
def test_a_question_is_answered_the_same_in_either_script(
    assistant: Assistant, traditional: str, simplified: str
) -> None:
    one, other = assistant.answer(traditional), assistant.answer(simplified)
    assert (one.question, one.answer, one.citations) == (traditional, other.answer, other.citations)
    assert (one.refused, one.refusal, one.as_of) == (other.refused, other.refusal, other.as_of)


def test_a_dialogue_is_followed_in_either_script(assistant: Assistant) -> None:
    history = [("杭州奧特曼案的平台為什麼要負責任？", "见判决。")]
    plain = [("杭州奥特曼案的平台为什么要负责任？", "见判决。")]
    one = assistant.answer("那賠了多少？", history=history)
    assert one.citations == assistant.answer("那赔了多少？", history=plain).citations != ()


def test_an_unclear_question_is_told_back_as_it_was_written(assistant: Assistant) -> None:
    refusal = assistant.answer("嗰條呢？").refusal
    assert refusal is not None
    assert (refusal.reason, "“嗰條呢？”" in refusal.message) == ("unclear", True)


@pytest.fixture
def own(settings: Settings) -> Iterator[OwnDocuments]:
    collection = OwnDocuments(settings)
    collection.add([Upload("規章.md", RULES.encode())])
    yield collection
    collection.close()


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("資訊網路內容管理辦法第二條怎麼規定？", "《資訊網路內容管理辦法》第二条第一款"),
        ("《資訊網路內容管理辦法》第二條第二款", "《資訊網路內容管理辦法》第二条第二款"),
        ("违反规定的员工扣多少奖金？", "《資訊網路內容管理辦法》第二条第二款"),
        ("違反規定的員工扣多少獎金？", "《資訊網路內容管理辦法》第二条第二款"),
        ("客户的个人信息能输入外部的人工智能服务吗？", "《資訊網路內容管理辦法》第三条"),
        ("客戶的個資能輸入外部的人工智慧服務嗎？", "《資訊網路內容管理辦法》第三条"),
    ],
)
def test_own_documents_in_traditional_characters_are_found_and_quoted_as_they_stand(
    own: OwnDocuments, question: str, label: str
) -> None:
    alone = own.assistant("own")
    citation = alone.answer(question).citations[0]
    document = alone.document(citation.document_id)
    assert document is not None
    assert (citation.label, document.text[citation.start : citation.end]) == (label, citation.quote)
    assert citation.quote in RULES
    assert not citation.quote.startswith("第")  # the number of an article is no part of what it says


def test_no_document_passes_itself_off_as_a_law_in_traditional_characters(own: OwnDocuments) -> None:
    report = own.add(
        [Upload("法.md", "# 著作權法\n\n第一條 本辦法由本公司訂定。\n\n第二條 本辦法自公布日起施行。\n".encode())]
    )
    assert [document.title for document in report.understood] == ["著作權法（自有文档）"]


def test_searching_reads_either_script_alike() -> None:
    assert normalise("ＡＩ影片與資料庫") == normalise("AI视频与数据库") == "ai视频与数据库"
