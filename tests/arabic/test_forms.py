import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.arabic.forms import add_form
from corpus_tools.arabic.lemmas import LEMMA_CACHE, lemmatize
from corpus_tools.arabic.spelling import normalize

letters = st.text(
    st.characters(min_codepoint=0x0621, max_codepoint=0x0652), min_size=1, max_size=12
)


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("الأَمْنُ", "الامن"),  # security, with its vowels
        ("إنجـــاز", "انجاز"),  # achievement, stretched by tatweel
        ("آخر", "اخر"),
        ("ٱلأمن", "الامن"),  # alef wasla
        ("امنی", "امني"),  # Persian yeh
        ("هٰذا", "هذا"),  # dagger alef
        ("مؤسسة", "مؤسسة"),  # the seat of hamza stays
        ("على", "على"),  # alef maqsura stays: علي is another word
        ("إلى", "الى"),  # and does not become إلا
    ],
)
def test_normal_form(printed, normal):
    assert normalize([printed]) == [normal]


def test_each_step_can_be_asked_for_alone():
    assert normalize(["على", "مدرسة"], steps=["maqsura"]) == ["علي", "مدرسة"]
    assert normalize(["على", "مدرسة"], steps=["marbuta"]) == ["على", "مدرسه"]
    assert normalize(["أَمن"], steps=[]) == ["أَمن"]


@given(st.lists(letters))
def test_the_normal_form_is_final_and_keeps_the_order(types):
    once = normalize(types)
    assert len(once) == len(types)
    assert normalize(once) == once


def test_clitics_share_a_lemma():
    assert len(set(lemmatize(["الأمن", "والأمن", "بالأمن", "للأمن"]))) == 1


def test_lemmas_do_not_depend_on_order_or_company():
    words = ["الشبكات", "والأمن", "يواصل", "إنجازاته", "تفكيك"]
    together = dict(zip(words, lemmatize(words), strict=True))
    assert [together[w] for w in reversed(words)] == lemmatize(words[::-1])
    assert all(lemmatize([word]) == [lemma] for word, lemma in together.items())


def test_lemmas_are_the_same_from_one_process_and_from_two(tmp_path, monkeypatch):
    letters = [chr(code) for code in range(0x0628, 0x063B)]
    many = [a + b + c for a in letters for b in "كلمنقي" for c in letters]
    monkeypatch.setattr("corpus_tools.arabic.lemmas._CHUNK", 30)
    monkeypatch.setattr("corpus_tools.arabic.lemmas._ALONE", 100)
    many = many[:150]
    found = []
    for workers in (1, 2):
        monkeypatch.setenv(LEMMA_CACHE, str(tmp_path / str(workers)))
        found.append(lemmatize(many, workers=workers))
    assert found[0] == found[1]


def test_lemmas_are_those_of_qalsadi_asked_word_by_word(seed):
    from qalsadi.lemmatizer import Lemmatizer

    words = seed.vocabulary.filter(pl.col("kind") == "word")["surface"].to_list()[::3]
    plain = Lemmatizer()
    asked = normalize(words, steps=("diacritics", "tatweel", "letters"))
    assert lemmatize(words) == normalize([plain.lemmatize(w) or w for w in asked])


def test_lemmas_are_kept_on_disk_and_used_again(tmp_path, monkeypatch):
    monkeypatch.setenv(LEMMA_CACHE, str(tmp_path))
    first = lemmatize(["والأمن", "إنجازات"])
    monkeypatch.setattr(
        "corpus_tools.arabic.lemmas._lemmatise", lambda _: pytest.fail("computed again")
    )
    assert lemmatize(["إنجازات", "والأمن"]) == first[::-1]


def test_kept_lemmas_that_are_damaged_are_worked_out_again(tmp_path, monkeypatch):
    monkeypatch.setenv(LEMMA_CACHE, str(tmp_path))
    first = lemmatize(["والأمن"])
    next(tmp_path.iterdir()).write_bytes(b"PAR1")
    assert lemmatize(["والأمن"]) == first


def test_lemmas_only_of_frequent_types_leave_the_others_in_normal_form():
    table = pl.DataFrame({"surface": ["والأمن", "إنجازات"], "kind": ["word"] * 2, "count": [5, 1]})
    found = add_form(table, "lemma", min_count=2)
    assert found["lemma"].to_list() == ["امن", "انجازات"]


@pytest.mark.parametrize(
    ("step", "word", "form"),
    [("hamza", "مسؤول", "مسوول"), ("hamza", "رئيس", "رييس"), ("digits", "١٢", "12")],
)
def test_each_step_can_be_switched(step, word, form):
    assert normalize([word], steps=[step]) == [form]
    assert normalize([word]) == [word]


def test_stems_and_stopwords_are_forms_of_words_alone():
    table = pl.DataFrame(
        {"surface": ["والذي", "المغربية", "."], "kind": ["word", "word", "punctuation"]}
    )
    table = add_form(add_form(table, "stem"), "stopword")
    assert table["stem"].to_list()[1:] == ["مغرب", "."]
    assert table["stopword"].to_list() == [True, False, False]
