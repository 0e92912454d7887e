import json
import shutil

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.corpus.build import read_corpus
from corpus_tools.corpus.storage import CORPUS_TABLES, open_corpus, save_corpus, save_form
from corpus_tools.corpus.tokens import tokenize
from corpus_tools.errors import BadInput


def pieces(text):
    tokens, vocabulary = tokenize(pl.Series([text]))
    return tokens.join(vocabulary, on="type", maintain_order="left")


def test_joined_pieces_give_the_seed_article(seed):
    assert seed.text(0) == seed.documents["text_clean"][0]


@given(st.lists(st.text(), max_size=4))
def test_joined_pieces_give_any_text(texts):
    tokens, vocabulary = tokenize(pl.Series(texts, dtype=pl.String))
    joined = tokens.join(vocabulary, on="type", maintain_order="left")
    for number, text in enumerate(texts):
        assert "".join(joined.filter(pl.col("document") == number)["surface"]) == text


def test_joined_pieces_give_a_whole_newspaper_corpus(saudinewsnet):
    texts = read_corpus(saudinewsnet)
    starts = texts.tokens["document"].search_sorted(pl.Series(range(texts.documents.height + 1)))
    for first in range(0, texts.documents.height, 1000):  # a share at a time, to spare memory
        documents = texts.documents["text_clean"].slice(first, 1000)
        rows = slice(starts[first], starts[min(first + 1000, texts.documents.height)])
        surfaces = texts.vocabulary["surface"].gather(texts.tokens["type"][rows])
        assert "".join(surfaces) == "".join(documents)
    assert texts.tokens["document"].n_unique() == texts.documents.height
    facts = texts.manifest
    assert facts["read"] == facts["documents"] + facts["duplicates"] + facts["quarantined"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("الأَمْن", ["word"]),
        ("إنجـاز", ["word"]),
        ("bilahodoud.ma", ["latin"]),
        ("12.5", ["number"]),
        ("١٢٬٥٠٠", ["number"]),
        ("12%", ["number", "punctuation"]),
        ("٪", ["punctuation"]),
        ("؟!", ["punctuation"]),
        ("«أمن»", ["punctuation", "word", "punctuation"]),
        (" \n ", ["space"]),
        ("أمن،", ["word", "punctuation"]),
        ("2024م", ["number", "word"]),
    ],
)
def test_kinds_of_pieces(text, kinds):
    assert pieces(text)["kind"].to_list() == kinds


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("وصل. غادر.", 2),
        ("«وصل.» غادر", 2),  # the closing quote stays with what it closes
        ("وصل؟! غادر… عاد", 3),
        ("وصل د. علي. غادر", 2),  # a stop after one letter ends nothing
        ("بلغ 12.5 في المئة", 1),
        ("عنوان\nنص", 2),
        ("وصل، غادر؛ عاد", 1),
    ],
)
def test_sentences(text, sentences):
    assert pieces(text)["sentence"].max() + 1 == sentences


def test_paragraphs_are_the_lines_that_are_not_blank():
    table = pieces("\n\nأول\n \nثان\n")
    words = table.filter(pl.col("kind") == "word")
    assert words.select("surface", "paragraph").rows() == [("أول", 0), ("ثان", 1)]


def test_sentences_and_paragraphs_start_again_in_each_document():
    tokens, _ = tokenize(pl.Series(["أول. ثان. ثالث", "د\nه"]))
    ends = tokens.group_by("document", maintain_order=True).agg(
        pl.col("sentence", "paragraph").max()
    )
    assert ends.rows() == [(0, 2, 0), (1, 1, 1)]


def test_the_seed_article_has_five_headings_among_19_paragraphs(seed):
    lines = seed.paragraphs()
    assert lines["paragraph"].to_list() == list(range(19))
    assert lines.filter("heading")["paragraph"].to_list() == [2, 8, 13, 15, 17]


def test_the_vocabulary_is_sorted_by_count_and_then_by_spelling():
    _, vocabulary = tokenize(pl.Series(["ب ا ب ج"]))
    words = vocabulary.filter(pl.col("kind") == "word")
    assert words.select("surface", "count").rows() == [("ب", 2), ("ا", 1), ("ج", 1)]
    assert vocabulary["type"].to_list() == list(range(vocabulary.height))


def test_a_saved_corpus_opens_as_it_was(seed, tmp_path):
    save_corpus(seed, tmp_path / "saved")
    again = open_corpus(tmp_path / "saved")
    assert all(getattr(again, table).equals(getattr(seed, table)) for table in CORPUS_TABLES)
    assert again.manifest == seed.manifest
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]  # nothing is left beside it


def test_saving_replaces_a_corpus_and_nothing_else(article, tmp_path):
    small = article("نص")
    save_corpus(small, tmp_path / "place")
    save_corpus(small, tmp_path / "place")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("...")
    with pytest.raises(BadInput, match="is not a corpus: name another folder"):
        save_corpus(small, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_a_save_that_fails_leaves_the_old_corpus(article, tmp_path, monkeypatch):
    save_corpus(article("قديم"), tmp_path / "place")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(OSError, match="No space"):
        save_corpus(article("جديد"), tmp_path / "place")
    monkeypatch.undo()
    assert "قديم" in open_corpus(tmp_path / "place").documents["text"][0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["articles", "place"]


@pytest.mark.parametrize("missing", ["manifest.json", "tokens", "vocabulary.parquet"])
def test_half_a_corpus_is_refused(article, tmp_path, missing):
    save_corpus(article("نص"), tmp_path / "place")
    (tmp_path / "place" / missing).rename(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match=rf"{missing} is missing: build the corpus again"):
        open_corpus(tmp_path / "place")


def test_a_corpus_of_another_version_is_refused(article, tmp_path):
    save_corpus(article("نص"), tmp_path / "place")
    manifest = tmp_path / "place" / "manifest.json"
    manifest.write_text(json.dumps({"format": 99}))
    with pytest.raises(BadInput, match="of format 99, and this version reads 2: build it again"):
        open_corpus(tmp_path / "place")
    manifest.write_text("{")
    with pytest.raises(BadInput, match="cannot be read"):
        open_corpus(tmp_path / "place")


def test_a_damaged_table_is_refused(article, tmp_path):
    save_corpus(article("نص"), tmp_path / "place")
    (tmp_path / "place" / "tokens" / "00000.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(BadInput, match="cannot be read: build it again"):
        open_corpus(tmp_path / "place")
    shutil.rmtree(tmp_path / "place")
    with pytest.raises(BadInput, match="is not a corpus folder"):
        open_corpus(tmp_path / "place")


def test_a_form_that_is_not_there_is_refused(article):
    with pytest.raises(BadInput, match="no form «lemma»: take one of surface, normal"):
        article("نص").words("lemma")


def test_a_form_is_added_on_disk_without_touching_tokens(article, tmp_path):
    save_corpus(article("المدينة القديمة"), tmp_path / "place")
    tokens = (tmp_path / "place" / "tokens" / "00000.parquet").read_bytes()
    save_form(tmp_path / "place", "folded", steps=["marbuta"])
    assert (tmp_path / "place" / "tokens" / "00000.parquet").read_bytes() == tokens
    found = open_corpus(tmp_path / "place").words("folded")["word"]
    assert found.to_list() == ["المدينه", "القديمه"]
    with pytest.raises(BadInput, match="no step «nothing»"):
        save_form(tmp_path / "place", "own", steps=["nothing"])
    with pytest.raises(BadInput, match="the name «count» is taken"):
        save_form(tmp_path / "place", "count", steps=["alef"])
    with pytest.raises(BadInput, match="no form «root»"):
        save_form(tmp_path / "place", "root")


@pytest.mark.parametrize("size", [1, 7, 20, 1000])
def test_batches_are_whole_documents_and_together_the_corpus(article, size):
    texts = article(*(f"خبر رقم {n} من المدينة." for n in range(9)))
    parts = list(texts.batches(size))
    assert pl.concat(part.tokens for part in parts).equals(texts.tokens)
    held = [set(part.tokens["document"]) for part in parts]
    assert sum(map(len, held)) == 9 and all(held)
    assert all(part.vocabulary is texts.vocabulary for part in parts)
    assert len(parts) == {1: 9, 1000: 1}.get(size, len(parts))
    longest = max(texts.tokens["document"].value_counts()["count"])
    assert all(part.tokens.height < size + longest for part in parts)


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("عنوان الخبر", True),
        ("عنوان (فرعي)", True),
        ("قال الوزير:", False),
        ("انتهى الخبر.", False),
        ("هل انتهى؟", False),
        ("قال: «انتهى.»", False),
        ("قال: «انتهى . »", False),  # a stop is one with a space before the closing mark, too
        ("«»", True),
    ],
)
def test_a_heading_is_a_line_that_ends_in_no_stop(article, line, heading):
    texts = article([line, "خبر آخر في المدينة."])
    assert texts.paragraphs(text=False)["heading"].to_list() == [heading, False]
    assert texts.paragraphs()["heading"].to_list() == [heading, False]


def test_lines_are_paragraphs_without_their_texts(article):
    texts = article(["عنوان", "خبر أول هنا."], "خبر ثان.")
    assert texts.paragraphs(text=False).equals(texts.paragraphs().drop("text"))
    assert texts.paragraphs()["text"].to_list() == ["عنوان", "خبر أول هنا.", "خبر ثان."]
    assert texts.paragraphs()["words"].to_list() == [1, 3, 2]
