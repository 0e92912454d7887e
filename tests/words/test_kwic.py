from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.corpus.tokens import tokenize
from corpus_tools.errors import BadInput
from corpus_tools.words.kwic import concordance, extract_windows, find_phrases


def test_the_line_is_the_newspapers_own_spelling(article):
    texts = article("قال إنّ الأَمـن عاد، اليوم.")
    line = concordance(texts, "الامن").row(0, named=True)
    assert line["before"] + line["node"] + line["after"] == "قال إنّ الأَمـن عاد، اليوم."
    assert line["node"] == "الأَمـن"


def test_the_query_may_be_in_any_spelling(article):
    texts = article("الأمن والأمن")
    found = [concordance(texts, q).height for q in ("الأمن", "الامن", "الأَمْن")]
    assert found == [1, 1, 1]
    assert concordance(texts, "الامن", form="surface").height == 0


def test_by_lemma_the_clitics_do_not_matter(article):
    texts = article("الأمن والأمن للأمن").with_form("lemma")
    assert concordance(texts, "الأمن", form="lemma").height == 3


def test_a_line_stays_inside_its_paragraph_and_document(article):
    texts = article(["أول", "الأمن هنا", "ثالث"], "آخر")
    line = concordance(texts, "الأمن").row(0, named=True)
    assert (line["before"], line["after"], line["paragraph"]) == ("", " هنا", 1)
    assert line["document"] == "000"


def test_nothing_found_is_an_empty_table(article):
    assert concordance(article("نص"), "أمن").rows() == []


def test_the_window_counts_words(article):
    line = concordance(article("ا ب ج د ه و ز"), "د", window=2).row(0, named=True)
    assert line["before"].split() == ["ب", "ج"] and line["after"].split() == ["ه", "و"]


def test_the_window_counts_words_also_between_marks(article):
    texts = article("ا ب، «ج»: د؛ (ه) و ز")
    line = concordance(texts, "د", window=2).row(0, named=True)
    assert "ب" in line["before"] and "ا" not in line["before"]
    assert "و" in line["after"] and "ز" not in line["after"]


@pytest.mark.parametrize(
    ("cue", "text", "found"),
    [
        ("تفكيك شبكة", "وبتفكيك الشبكات", True),
        ("تفكيك شبكة", "تفكيك. شبكة", False),  # not across sentences
        ("تفكيك شبكة", "تفكيك عدة شبكات", False),
        ("تفكيك * شبكة", "تفكيك عدة شبكات", True),
        ("=عهد", "في عهدة", False),
        ("=عهد", "وبعهد", True),
        ("+سجل", "وسجل", True),
        ("+سجل", "السجل", False),  # the register, not "recorded"
        ("إرهابي", "الإرهابيين", True),
        ("رؤيته", "رؤية", False),
    ],
)
def test_phrases_are_found_with_their_clitics_and_endings(article, cue, text, found):
    assert (find_phrases(article(text), [cue]).height == 1) is found


def test_an_empty_phrase_is_refused(article):
    with pytest.raises(BadInput, match="phrase to look for is empty"):
        find_phrases(article("نص"), ["أمن", " "])


words = st.sampled_from(["امن", "وطن", "في", "."])


@given(
    st.lists(words, max_size=12), st.lists(words.filter(lambda w: w != "."), min_size=1, max_size=3)
)
def test_find_agrees_with_reading_word_by_word(text, phrase):
    tokens, vocabulary = tokenize(pl.Series([" ".join(text)]))
    small = Corpus(*[pl.DataFrame()] * 7)
    vocabulary = vocabulary.with_columns(normal="surface")
    small = replace(small, tokens=tokens, vocabulary=vocabulary)
    expected = sum(text[i : i + len(phrase)] == phrase for i in range(len(text)))
    exact = " ".join(f"={word}" for word in phrase)
    assert find_phrases(small, [exact]).height == expected


def test_no_hits_have_no_context(article):
    nothing = np.zeros(0, np.int64)
    assert extract_windows(article("نص"), nothing, nothing).height == 0
