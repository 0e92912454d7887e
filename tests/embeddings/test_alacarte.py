import numpy as np
import polars as pl
import pytest

from corpus_tools.embeddings.alacarte import (
    fit_transformation,
    group_distances,
    group_neighbours,
    sum_contexts,
)
from corpus_tools.embeddings.cooccurrence import collect_contexts, count_cooccurrences
from corpus_tools.embeddings.storage import make_keyed_vectors
from corpus_tools.embeddings.training import ppmi_svd
from corpus_tools.errors import BadInput, InsufficientEvidence

SIZE = 12


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    words = [f"c{n}" for n in range(60)]
    table = pl.DataFrame({"word": words, "count": [500] * 60, "documents": [200] * 60})
    return make_keyed_vectors(rng.standard_normal((60, SIZE)), table)


def used(model, seed, documents=(60, 60), apart=0.0):
    """A word whose contexts in the first group are more often c0 to c9, by a share `apart`.

    Each document takes some contexts of its own liking, in several sentences.
    """
    rng = np.random.default_rng(seed)
    rows, groups = [], []
    for group, number in enumerate(documents):
        for _ in range(number):
            document = len(groups)
            groups.append((document, f"g{group}"))
            likes = rng.dirichlet(np.full(60, 0.5))
            if group == 0:
                likes = (1 - apart) * likes + apart * (np.arange(60) < 10) / 10
            times = rng.multinomial(rng.integers(5, 40), likes)
            rows += [("w", document, f"c{n}", int(t)) for n, t in enumerate(times) if t]
    contexts = pl.DataFrame(rows, schema=["word", "document", "context", "weight"], orient="row")
    labels = pl.DataFrame(groups, schema=["document", "group"], orient="row")
    return sum_contexts(contexts, "w", labels, model, np.eye(SIZE))


def test_the_transformation_gives_words_back_from_what_stands_around_them():
    rng = np.random.default_rng(0)
    texts = pl.DataFrame(
        {
            "document": np.repeat(np.arange(100), 60),
            "sentence": np.tile(np.repeat(np.arange(6), 10), 100),
            "word": [f"t{t}w{n}" for t in rng.integers(0, 5, 600) for n in rng.integers(0, 8, 10)],
        }
    )
    met = count_cooccurrences(texts)
    vectors = ppmi_svd(met, size=5)
    transform = fit_transformation(met, vectors)
    around = collect_contexts(met, ["t0w0"])
    labels = around.select("document", group=pl.lit("all")).unique()
    found = sum_contexts(around, "t0w0", labels, vectors, transform)
    whole = found.sums.sum(axis=0) / found.weight.sum()
    unit = vectors.get_vector("t0w0", norm=True)
    assert whole @ unit / np.linalg.norm(whole) > 0.95
    near = group_neighbours(found, None, vectors, number=7, seed=1)
    assert sum(word.startswith("t0") for word in near["word"]) >= 6
    with pytest.raises(BadInput, match="not made from these cooccurrences"):
        fit_transformation(met, ppmi_svd(texts, size=5, min_count=150))


def test_groups_that_use_a_word_alike_are_at_no_distance_on_average(model):
    raw, corrected = [], []
    for seed in range(200):
        row = group_distances(used(model, seed), permutations=1).row(0, named=True)
        raw.append(row["distance"])
        corrected.append(row["corrected"])
    assert np.mean(raw) > 10 * abs(np.mean(corrected))
    assert abs(np.mean(corrected)) < 2.5 * np.std(corrected) / np.sqrt(200)


def test_small_groups_are_no_further_than_large_ones_once_corrected(model):
    small = [group_distances(used(model, s, (30, 300)), permutations=1) for s in range(100)]
    means = pl.concat(small).group_by("group").agg(pl.col("distance", "corrected").mean())
    assert means["corrected"].abs().max() < 0.1 * means["distance"].max()


def test_where_groups_do_not_differ_three_to_seven_tests_in_a_hundred_reject(model):
    p = [
        group_distances(used(model, seed, (40, 80)), permutations=199, seed=seed)["p"][0]
        for seed in range(500)
    ]
    assert 0.03 <= np.mean(np.array(p) <= 0.05) <= 0.07


def test_groups_that_differ_are_found(model):
    found = group_distances(used(model, 1, apart=0.4))
    assert found["p"].max() < 0.01 and found["corrected"].min() > 0


def test_too_few_documents_are_refused(model):
    with pytest.raises(InsufficientEvidence, match="at least 25 in a group and outside of it"):
        group_distances(used(model, 0, (20, 20)))
    with pytest.raises(InsufficientEvidence, match="how g1 uses w: needs at least 25 documents"):
        group_neighbours(used(model, 0, (40, 20)), "g1", model)


def test_a_word_without_contexts_is_bad_input(model):
    contexts = pl.DataFrame({"word": ["w"], "document": [0], "context": ["c0"], "weight": [1]})
    labels = pl.DataFrame({"document": [0], "group": ["g"]})
    with pytest.raises(BadInput, match="no word «v»: take one of w"):
        sum_contexts(contexts, "v", labels, model, np.eye(SIZE))
