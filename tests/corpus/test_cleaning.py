import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.corpus.cleaning import repair_texts


@pytest.mark.parametrize(
    ("damaged", "repaired", "name"),
    [
        ("نص\r\nآخر\rثالث", "نص\nآخر\nثالث", "line_ends"),
        ("\ufeffنص", "نص", "byte_order_mark"),
        ("\u202bنص\u202c\u200f", "نص", "bidi_controls"),
        ("الأ\u200bمن", "الأمن", "zero_width"),
        ("ﺍﻷﻣﻦ", "الأمن", "presentation_forms"),
        ("ﷲ", "الله", "presentation_forms"),
        ("12\u00a0ألفا", "12 ألفا", "no_break_space"),
    ],
)
def test_damage_is_repaired_and_counted(damaged, repaired, name):
    texts, table = repair_texts(pl.Series([damaged, "سليم"]))
    assert texts.to_list() == [repaired, "سليم"]
    assert table.filter(pl.col("times") > 0)["repair"].to_list() == [name]
    assert table.filter(pl.col("times") > 0)["texts"].to_list() == [1]


def test_spelling_is_left_to_the_newspaper():
    text = "إنجـــازاتٌ كبيرةٌ ى ة ؤ ئ «١٢٪» …"
    assert repair_texts(pl.Series([text]))[0].to_list() == [text]


@given(st.text())
def test_repairing_twice_changes_nothing_more(text):
    once, _ = repair_texts(pl.Series([text]))
    assert repair_texts(once)[0].to_list() == once.to_list()
