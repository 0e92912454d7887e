import json

import polars as pl
import pytest

from corpus_tools.corpus.build import read_corpus
from corpus_tools.corpus.cleaning import repair_texts
from corpus_tools.errors import BadInput


def load(tmp_path, *texts):
    rows = [{"text": text} for text in texts]
    (tmp_path / "a.json").write_text(json.dumps(rows), encoding="utf-8")
    return read_corpus(tmp_path, min_words=0)


def test_every_row_is_kept_folded_or_set_aside(tmp_path):
    loaded = load(tmp_path, "نص", "", "نص", None, "آخر", "\n\t ")
    assert loaded.documents["document"].to_list() == ["a.json#0", "a.json#4"]
    assert loaded.duplicates.rows() == [("a.json", 2, "a.json#0")]
    assert loaded.quarantine["row"].to_list() == [1, 3, 5]
    assert loaded.manifest["read"] == 6 == 2 + 1 + 3


def test_copies_of_what_is_set_aside_are_set_aside_too(tmp_path):
    rows = [{"text": text} for text in ("نص", "نص", "نص أطول من كلمتين")]
    (tmp_path / "a.json").write_text(json.dumps(rows), encoding="utf-8")
    loaded = read_corpus(tmp_path)
    assert loaded.quarantine["reason"].to_list() == ["short", "short"]
    assert loaded.duplicates.height == 0


def test_the_text_as_read_stays_beside_the_repaired_one(tmp_path):
    loaded = load(tmp_path, "الأ\u200bمن", "أمن")
    assert loaded.documents.select("text", "text_clean").rows() == [
        ("الأ\u200bمن", "الأمن"),
        ("أمن", "أمن"),
    ]


def test_the_tag_of_an_agency_is_moved_to_the_metadata_and_counted(tmp_path):
    loaded = load(tmp_path, "الرياض - واس: وصل الوزير", "قال واس: لا")
    assert loaded.documents["agency"].to_list() == ["واس", None]
    assert loaded.documents["text_clean"][0] == "الرياض: وصل الوزير"
    repaired = dict(loaded.repairs.select("repair", "times").rows())
    assert repaired["agency_tag"] == 1


def test_entities_and_mojibake_are_repaired():
    broken = "قالت الشرطة".encode().decode("windows-1256")
    texts, _ = repair_texts(pl.Series(["&laquo;أمن&raquo;", broken, "حفظ»؛ «لفظ»."]))
    assert texts.to_list() == ["«أمن»", "قالت الشرطة", "حفظ»؛ «لفظ»."]


def test_a_corpus_without_any_text_is_refused(tmp_path):
    with pytest.raises(BadInput, match="was rejected as empty"):
        load(tmp_path, "", " ")
