import numpy as np
import polars as pl
import pytest

from corpus_tools.arabic.spelling import normalize
from corpus_tools.embeddings.evaluation import analogy_pairs, evaluate_vectors, related_pairs
from corpus_tools.embeddings.storage import make_keyed_vectors
from corpus_tools.errors import InsufficientEvidence


def model(words, rows):
    counts = [100] * len(words)
    table = pl.DataFrame({"word": words, "count": counts, "documents": counts})
    return make_keyed_vectors(np.asarray(rows, dtype=float), table)


def spelled(table):
    return list(dict.fromkeys(normalize([*table["word"], *table["other"]])))


def whole(vectors, test):
    found = evaluate_vectors(vectors, replicates=200)
    return found.filter(pl.col("test") == test, pl.col("category") == "all").row(0, named=True)


@pytest.mark.parametrize("table", [related_pairs(), analogy_pairs()])
def test_every_word_has_a_gloss_and_no_pair_stands_twice(table):
    assert table.null_count().sum_horizontal().item() == 0
    assert (table["word"] != table["other"]).all()
    first = table.columns[0]
    pairs = [
        (row[first] if first == "relation" else "", *sorted([row["word"], row["other"]]))
        for row in table.iter_rows(named=True)
    ]
    assert len(pairs) == len(set(pairs))


def test_there_are_two_hundred_related_pairs_and_a_hundred_and_fifty_analogies():
    assert related_pairs().height >= 200
    sizes = analogy_pairs().group_by("relation").len()["len"]
    assert (sizes * (sizes - 1)).sum() >= 150 and sizes.min() >= 10


def test_a_model_that_knows_every_pair_scores_one_and_a_blind_one_a_half():
    words = spelled(related_pairs())
    rng = np.random.default_rng(0)
    blind = model(words, rng.standard_normal((len(words), 50)))
    assert whole(blind, "related")["score"] == pytest.approx(0.5, abs=0.05)
    # Words of a pair get the same random part; words of several pairs, the sum.
    rows = np.zeros((len(words), 400))
    place = {word: n for n, word in enumerate(words)}
    for a, b in zip(*(normalize(related_pairs()[c].to_list()) for c in ("word", "other")),
                    strict=True):  # fmt: skip
        shared = rng.standard_normal(400)
        rows[place[a]] += shared
        rows[place[b]] += shared
    assert whole(model(words, rows), "related")["score"] > 0.99


def test_analogies_are_right_where_each_relation_is_one_step():
    table = analogy_pairs()
    words, rng = spelled(table), np.random.default_rng(1)
    steps = {relation: 3 * rng.standard_normal(300) for relation in table["relation"].unique()}
    rows = dict(zip(words, rng.standard_normal((len(words), 300)), strict=True))
    for row in table.iter_rows(named=True):
        word, other = normalize([row["word"], row["other"]])
        rows[other] = rows[word] + steps[row["relation"]]
    found = whole(model(words, [rows[word] for word in words]), "analogies")
    assert found["score"] > 0.6 and found["low"] <= found["score"] <= found["high"]
    blind = model(words, rng.standard_normal((len(words), 50)))
    assert whole(blind, "analogies")["score"] < 0.05


def test_words_that_the_model_lacks_are_not_asked():
    words = spelled(related_pairs())[:100] + spelled(analogy_pairs())
    rng = np.random.default_rng(0)
    words = list(dict.fromkeys(words))
    row = whole(model(words, rng.standard_normal((len(words), 20))), "related")
    assert row["asked"] < row["of"] == related_pairs().height


def test_a_model_of_other_words_is_refused():
    with pytest.raises(InsufficientEvidence, match="a score on related words"):
        evaluate_vectors(model(["a", "b"], np.eye(2)))
