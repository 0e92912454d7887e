import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2_contingency

from corpus_tools.errors import InsufficientEvidence
from corpus_tools.resampling import estimate_rate
from corpus_tools.words.frequency import count_words, frequency_list
from corpus_tools.words.keywords import keyness, log_likelihood, log_ratio


def table(*documents):
    rows = [
        {"document": number, "word": word, "count": count}
        for number, document in enumerate(documents)
        for word, count in document.items()
    ]
    return pl.DataFrame(rows)


def test_g2_is_the_four_term_form():
    # 30 in 1,000 against 10 in 2,000: the two-term form would give 29.04.
    assert log_likelihood(np.array([30]), np.array([10]), 1000, 2000)[0] == pytest.approx(
        29.46, abs=0.005
    )


@pytest.mark.parametrize(("a", "b", "n1", "n2"), [(30, 10, 1000, 2000), (3, 700, 500, 90_000)])
def test_g2_agrees_with_scipy(a, b, n1, n2):
    cells = [[a, n1 - a], [b, n2 - b]]
    expected = chi2_contingency(cells, correction=False, lambda_="log-likelihood").statistic
    assert log_likelihood(np.array([a]), np.array([b]), n1, n2)[0] == pytest.approx(expected)


def test_g2_of_equal_shares_is_zero():
    assert log_likelihood(np.array([10, 0]), np.array([20, 0]), 1000, 2000) == pytest.approx([0, 0])


def test_log_ratio_counts_doublings_and_takes_half_for_none():
    ratio = log_ratio(np.array([8, 8]), np.array([1, 0]), np.array(100), np.array(100))
    assert ratio.tolist() == [3.0, 4.0]


def test_counting_by_paragraph_makes_each_a_unit(article):
    texts = article(["أمن أمن", "وطن"], "أمن")
    assert count_words(texts)["document"].n_unique() == 2
    by_paragraph = count_words(texts, unit="paragraph")
    assert by_paragraph.rows() == [(0, "امن", 2), (1, "وطن", 1), (2, "امن", 1)]


def test_frequency_sorts_ties_by_spelling():
    assert frequency_list(table({"ب": 1, "ا": 1, "ت": 2}))["word"].to_list() == ["ت", "ا", "ب"]


def test_frequency_has_no_interval_with_few_documents():
    assert frequency_list(table({"ا": 1}, {"ا": 2}))["low"].null_count() == 1


def test_the_interval_holds_the_estimate_and_is_the_same_for_the_same_seed():
    documents = [{"امن": n % 4, "في": 5} for n in range(40)]
    first, again, other = (frequency_list(table(*documents), seed=s) for s in (1, 1, 2))
    assert first.equals(again) and not first.equals(other)
    row = first.filter(pl.col("word") == "امن").row(0, named=True)
    assert row["low"] < row["per_million"] < row["high"]


def test_intervals_cover_the_truth():
    # Documents differ in how often they use the word (a beta-binomial), as real ones do.
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        rates = rng.beta(2, 38, size=60)  # mean 0.05
        found = rng.binomial(200, rates)
        documents = [{"امن": int(n), "غير": int(200 - n)} for n in found]
        row = frequency_list(table(*documents), seed=trial).filter(pl.col("word") == "امن")
        covered += row["low"][0] <= 50_000 <= row["high"][0]
    assert 0.90 <= covered / 200 <= 0.99


def test_keyness_finds_the_planted_word():
    target = table(*[{"تعزيز": 3, "في": 10, "من": 8} for _ in range(10)])
    reference = table(*[{"تعزيز": 1, "في": 50, "من": 40} for _ in range(30)])
    first = keyness(target, reference).row(0, named=True)
    assert first["word"] == "تعزيز" and first["variant"] == "four-term"
    assert first["q"] < 0.001 and first["low"] <= first["log_ratio"] <= first["high"]
    assert first["log_ratio"] == pytest.approx(np.log2((30 / 210) / (30 / 2730)))


def test_keyness_of_one_document_refuses_and_says_what_would_do():
    with pytest.raises(InsufficientEvidence, match="1 document, 3 words") as refusal:
        keyness(table({"امن": 3}), table({"امن": 1}, {"في": 9}))
    assert "by paragraph" in refusal.value.rule


def test_keyness_takes_a_reference_without_documents_as_fixed():
    target = table(*[{"تعزيز": 3, "في": 10} for _ in range(6)])
    fixed = pl.DataFrame({"word": ["في", "تعزيز"], "count": [900, 10]})
    assert keyness(target, fixed)["word"][0] == "تعزيز"


def test_false_discoveries_are_rare_where_nothing_differs():
    rng = np.random.default_rng(1)
    words = [f"كلمة{n}" for n in range(60)]

    def texts(number):
        drawn = rng.multinomial(300, np.full(60, 1 / 60), size=number)
        return table(*[dict(zip(words, map(int, row), strict=True)) for row in drawn])

    found = sum((keyness(texts(10), texts(20), replicates=10)["q"] < 0.05).any() for _ in range(40))
    assert found <= 6  # of 40 families, at 0.05


def units(*sizes):
    return pl.DataFrame({"document": range(len(sizes)), "paragraph": 0, "size": sizes})


def test_a_rate_resamples_documents_and_says_so():
    hits = pl.DataFrame({"document": [0, 1], "paragraph": [0, 0], "hits": [1, 3]})
    rate = estimate_rate(hits, units(10, 10, 10, 10, 10))
    assert rate.rate == 4 / 50 and rate.unit == "document" and rate.low <= rate.rate <= rate.high


def test_with_few_documents_paragraphs_are_resampled():
    sizes = pl.DataFrame({"document": 0, "paragraph": range(8), "size": 10})
    hits = pl.DataFrame({"document": [0], "paragraph": [2], "hits": [1]})
    assert estimate_rate(hits, sizes).unit == "paragraph"


def test_what_was_never_found_has_the_exact_upper_end():
    none = pl.DataFrame(schema={"document": pl.Int64, "paragraph": pl.Int64, "hits": pl.Int64})
    share = estimate_rate(none, units(*[1] * 19), bounded=True)
    assert (share.rate, share.low) == (0, 0)
    assert share.high == pytest.approx(1 - 0.025 ** (1 / 19))  # Clopper and Pearson
    rate = estimate_rate(none, units(*[100] * 10))
    assert rate.high == pytest.approx(3.6889 / 1000, rel=1e-4)  # Poisson


def test_a_word_that_the_reference_never_has_gets_a_bound_in_place_of_a_log_ratio():
    rows = {"document": [0, 1, 2, 3, 4] * 2, "word": ["ا"] * 5 + ["ب"] * 5, "count": [2] * 10}
    reference = pl.DataFrame({"word": ["ب"], "count": [10_000]})
    table = {row["word"]: row for row in keyness(pl.DataFrame(rows), reference).to_dicts()}
    unseen, seen = table["ا"], table["ب"]
    assert (unseen["log_ratio"], unseen["low"], unseen["high"]) == (None, None, None)
    # 10 of 20 words here; there at most -ln(0.025) = 3.69 in 10,000 words.
    assert unseen["log_ratio_at_least"] == pytest.approx(np.log2(0.5 / (3.6889 / 10_000)), abs=1e-3)
    assert seen["log_ratio"] == pytest.approx(-1) and seen["log_ratio_at_least"] is None


def test_the_bound_grows_with_the_reference():
    rows = {"document": range(5), "word": ["ا"] * 5, "count": [2] * 5}
    small, large = (
        keyness(pl.DataFrame(rows), pl.DataFrame({"word": ["ب"], "count": [size]}))
        .filter(word="ا")["log_ratio_at_least"]
        .item()
        for size in (1000, 8000)
    )
    assert large - small == pytest.approx(3)
