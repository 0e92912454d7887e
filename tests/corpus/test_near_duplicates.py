import numpy as np
import polars as pl
import pytest

from corpus_tools.corpus.build import read_corpus
from corpus_tools.corpus.near_duplicates import (
    count_shared_reports,
    find_near_duplicates,
    save_near_duplicates,
)
from corpus_tools.corpus.storage import save_corpus

WORDS = [a + b + c for a in "بتثجحخد" for b in "رزسشصضط" for c in "عغفقكلم"]


def made(folder, texts):
    table = pl.DataFrame(texts, schema=["outlet", "date", "text"], orient="row")
    table.write_parquet(folder / "articles.parquet")
    return read_corpus(folder / "articles.parquet")


def article(random, lines=6):
    return [" ".join(random.choice(WORDS, 40)) + "." for _ in range(lines)]


def edited(random, lines):
    """What desks do to agency copy: a new headline, words dropped, paragraphs swapped."""
    lines = [" ".join(random.choice(WORDS, 5)), *lines[1:]]
    kept = [" ".join(w for w in line.split() if random.random() > 0.01) for line in lines]
    one, other = random.choice(np.arange(1, len(kept)), 2, replace=False)
    kept[one], kept[other] = kept[other], kept[one]
    return kept


@pytest.mark.parametrize("seed", [0, 1])
def test_planted_edits_are_found_and_nothing_else(tmp_path, seed):
    random = np.random.default_rng(seed)
    texts = []
    for _ in range(1000):
        original = [" ".join(random.choice(WORDS, 5)), *article(random)]
        texts.append(("أ", "2024-01-01", "\n".join(original)))
        texts.append(("ب", "2024-01-02", "\n".join(edited(random, original))))
    groups = find_near_duplicates(made(tmp_path, texts))["group"]
    pairs = {(n, n + 1) for n in range(0, 2000, 2)}
    found = pl.DataFrame({"g": groups}).with_row_index().drop_nulls().group_by("g").agg("index")
    found = {(a, b) for _, part in found.iter_rows() for a in part for b in part if a < b}
    assert len(found & pairs) / len(pairs) >= 0.95  # recall
    assert len(found & pairs) / len(found) >= 0.95  # precision


def test_the_jaccard_similarity_is_that_of_the_sets_of_shingles(tmp_path):
    one = "قال الوزير إن الأمن عاد إلى المدينة"
    other = "قال الوزير إن الأمن عاد إلى القرية"  # 5 runs of three words each, 4 in common
    found = find_near_duplicates(
        made(tmp_path, [("أ", "2024", one), ("ب", "2024", other)]), min_similarity=0.6
    )
    assert found["similarity"].to_list() == [4 / 6, 4 / 6]
    assert find_near_duplicates(made(tmp_path, [("أ", "2024", one), ("ب", "2024", other)]))[
        "group"
    ].to_list() == [None, None]


def test_the_earliest_of_a_group_represents_it(tmp_path):
    random = np.random.default_rng(0)
    text = article(random)
    heads = [("أ", "2024-01-03", "عنوان"), ("ب", "2024-01-01", "خبر"), ("ج", None, "نبأ")]
    rows = [(outlet, day, "\n".join([head, *text])) for outlet, day, head in heads]
    found = find_near_duplicates(made(tmp_path, [*rows, ("د", "2024-01-01", "خبر آخر لا صلة له")]))
    assert found["representative"].to_list() == [False, True, False, None]
    assert count_shared_reports(found).rows() == [("أ", "ب", 1), ("أ", "ج", 1), ("ب", "ج", 1)]


def test_articles_without_a_shingle_stand_alone(article):
    found = find_near_duplicates(article("نعم", "لا"))
    assert found["group"].to_list() == [None, None]


def test_groups_are_kept_with_the_corpus(tmp_path):
    random = np.random.default_rng(0)
    text = article(random)
    save_corpus(made(tmp_path, [("أ", None, "\n".join([h, *text])) for h in "بت"]), tmp_path / "c")
    groups = save_near_duplicates(tmp_path / "c")
    assert pl.read_parquet(tmp_path / "c" / "near_duplicates.parquet").equals(groups)
    assert count_shared_reports(groups).rows() == [("أ", "أ", 1)]
