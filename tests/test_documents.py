import json

import pytest

from corpus_tools import BadInput, documents


def load(tmp_path, *texts):
    rows = [{"text": text} for text in texts]
    (tmp_path / "a.json").write_text(json.dumps(rows), encoding="utf-8")
    return documents.load([tmp_path])


def test_every_row_is_kept_folded_or_set_aside(tmp_path):
    loaded = load(tmp_path, "نص", "", "نص", None, "آخر", "\n\t ")
    assert loaded.documents["document"].to_list() == ["a.json#0", "a.json#4"]
    assert loaded.duplicates.rows() == [("a.json", 2, "a.json#0")]
    assert loaded.quarantine["row"].to_list() == [1, 3, 5]
    assert loaded.read == 6 == 2 + 1 + 3


def test_the_text_as_read_stays_beside_the_repaired_one(tmp_path):
    loaded = load(tmp_path, "الأ\u200bمن")
    assert loaded.documents.select("text", "text_clean").row(0) == ("الأ\u200bمن", "الأمن")


def test_a_corpus_without_any_text_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no row holds a text"):
        load(tmp_path, "", " ")


def test_two_sources_of_one_name_are_refused(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        text = f"ليلى- الخبر\nنص {folder}"
        (tmp_path / folder / "a.txt").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="name of two sources"):
        documents.load([tmp_path / "one", tmp_path / "two"])
    assert documents.load([tmp_path]).documents.height == 2
