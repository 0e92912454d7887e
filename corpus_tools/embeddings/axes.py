"""Axes of meaning between two poles, and the positions of words, texts and outlets on them.

An axis is the mean of the unit vectors of its positive words less that of its negative words,
normalized to unit length (Kozlowski, Taddy and Evans 2019). `frame_axis` reads texts along it
(Kwak, An, Jing and Ahn 2021).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from scipy.stats import false_discovery_control

from corpus_tools.arabic.spelling import normalize
from corpus_tools.data import read_toml
from corpus_tools.embeddings.neighbours import MIN_DOCUMENTS
from corpus_tools.errors import BadInput, InsufficientEvidence
from corpus_tools.resampling import MIN_UNITS, bootstrap_weights, percentile_interval

MIN_PAIRS = 5  # of seed words that a model must know


def axis_names() -> list[str]:
    """The axes that come with the package.

    >>> axis_names()
    ['threat_safety', 'order_rights', 'failure_competence', 'outgroup_ingroup']
    """
    return list(read_toml("axes"))


def seed_pairs(axis: str) -> pl.DataFrame:
    """The seed words of an axis, in normal form, one row per pair.

    Returns:
        ``negative``, ``negative_gloss``, ``positive``, ``positive_gloss``.

    Raises:
        BadInput: The axis is unknown.
    """
    if axis not in read_toml("axes"):
        raise BadInput(
            f"there is no axis «{axis}»: take {', '.join(axis_names())}, or pairs of your own."
        )
    columns = ["negative", "negative_gloss", "positive", "positive_gloss"]
    table = pl.DataFrame(read_toml("axes")[axis]["pairs"], schema=columns, orient="row")
    return table.with_columns(
        pl.Series(name, normalize(table[name].to_list())) for name in columns[::2]
    )


def pole_names(axis: str) -> tuple[str, str]:
    """The names of the negative and the positive pole of an axis.

    >>> pole_names("order_rights")
    ('order', 'rights')
    """
    seed_pairs(axis)  # which says so where there is no such axis
    return read_toml("axes")[axis]["negative"], read_toml("axes")[axis]["positive"]


def pole_words(name: str) -> list[str]:
    """The words of a pole, such as "threat" or "rights", for association tests.

    Raises:
        BadInput: The pole is unknown.

    >>> pole_words("safety")[:2]
    ['السلامة', 'سلامة']

    Raises:
        BadInput: The pole is unknown.
    """
    for axis, facts in read_toml("axes").items():
        for side in ("negative", "positive"):
            if facts[side] == name:
                return seed_pairs(axis)[side].to_list()
    known = [
        facts[side] for facts in read_toml("axes").values() for side in ("negative", "positive")
    ]
    raise BadInput(f"there is no pole «{name}»: take {', '.join(known)}.")


def fit_axis(vectors: KeyedVectors, seeds: str | pl.DataFrame) -> np.ndarray:
    """The direction from the negative to the positive pole: a unit vector.

    Args:
        vectors: A model.
        seeds: The name of an axis, or a table with ``negative`` and ``positive``. A pair with a
            word that the model lacks is left out; `check_seed_words` shows which.

    Raises:
        BadInput: The axis is unknown.
        InsufficientEvidence: The model knows fewer than `MIN_PAIRS` pairs.
    """
    table = seed_pairs(seeds) if isinstance(seeds, str) else seeds
    rows = table.select("negative", "positive").iter_rows()
    known = [row for row in rows if row[0] in vectors and row[1] in vectors]
    if len(known) < MIN_PAIRS:
        raise InsufficientEvidence(
            "an axis", f"{len(known)} pairs of known words", f"at least {MIN_PAIRS} pairs"
        )
    unit = vectors.get_normed_vectors()
    places = np.array([[vectors.key_to_index[word] for word in row] for row in known])
    difference = unit[places[:, 1]].mean(axis=0) - unit[places[:, 0]].mean(axis=0)
    return difference / np.linalg.norm(difference)


def check_seed_words(vectors: KeyedVectors, seeds: str | pl.DataFrame) -> pl.DataFrame:
    """The words that define an axis, and where each would lie without its own pair.

    A word on the wrong side of the axis of all other pairs does not belong to its pole in this
    corpus.

    Args:
        vectors, seeds: As for `fit_axis`.

    Returns:
        ``pole`` (negative or positive), ``word``, ``gloss`` (if `seeds` has it), ``cosine`` with
        the axis of all other pairs (null for pairs that the model lacks), ``holds``.
    """
    table = seed_pairs(seeds) if isinstance(seeds, str) else seeds
    unit = vectors.get_normed_vectors()
    rows = []
    for number, row in enumerate(table.iter_rows(named=True)):
        known = row["negative"] in vectors and row["positive"] in vectors
        others = (
            fit_axis(vectors, table.filter(pl.int_range(pl.len()) != number)) if known else None
        )
        for side, sign in (("negative", -1), ("positive", 1)):
            word = row[side]
            cosine = None if others is None else float(unit[vectors.key_to_index[word]] @ others)
            holds = None if cosine is None else cosine * sign > 0
            rows.append((side, word, row.get(f"{side}_gloss"), cosine, holds))
    columns = ["pole", "word", "gloss", "cosine", "holds"]
    found = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)
    return found.sort("pole", maintain_order=True)


def project_words(vectors: KeyedVectors, direction: np.ndarray) -> pl.DataFrame:
    """The position of each word on an axis: ``word``, ``cosine``, most positive first."""
    cosines = vectors.get_normed_vectors() @ direction
    table = pl.DataFrame({"word": vectors.index_to_key, "cosine": cosines.astype(float)})
    return table.sort(["cosine", "word"], descending=[True, False])


def frame_axis(
    counts: pl.DataFrame,
    vectors: KeyedVectors,
    direction: np.ndarray,
    *,
    centre: float | None = None,
) -> pl.DataFrame:
    """Bias and intensity of each document along an axis (Kwak, An, Jing and Ahn 2021).

    Bias is the mean cosine of its words with the axis, sum(f * c) / sum(f): which pole the words
    lean to. Intensity is their mean squared distance from the bias of the whole corpus,
    sum(f * (c - B)^2) / sum(f): how much the document stresses the axis, whichever pole.

    Args:
        counts: ``document``, ``word``, ``count``; a text counted by paragraph will do.
        vectors: A model; words that it lacks are left out and not counted in ``words``.
        direction: From `fit_axis`.
        centre: B; without it, the bias of all of `counts`.

    Returns:
        ``document``, ``words``, ``bias``, ``intensity``, one row per document that holds such
        words.

    Raises:
        InsufficientEvidence: No word of `counts` is in the model.

    >>> from corpus_tools.embeddings.storage import make_keyed_vectors
    >>> two = pl.DataFrame({"word": ["ا", "ب"], "count": [3, 3], "documents": [2, 2]})
    >>> model, first = make_keyed_vectors(np.eye(2), two), np.array([1.0, 0.0])
    >>> rows = {"document": [0, 0, 1], "word": ["ا", "ب", "ا"], "count": [3, 1, 2]}
    >>> frame_axis(pl.DataFrame(rows), model, first, centre=0).rows()
    [(0, 4, 0.75, 0.75), (1, 2, 1.0, 1.0)]
    """
    lies = counts.join(project_words(vectors, direction), on="word", maintain_order="left")
    if not lies.height:
        raise InsufficientEvidence("a place on an axis", "no word of the model", "at least one")
    times, cosine = pl.col("count").cast(pl.Int64), pl.col("cosine")
    if centre is None:
        centre = float(lies.select((times * cosine).sum() / times.sum()).item())
    return (
        lies.group_by("document")
        .agg(
            words=times.sum(),
            bias=(times * cosine).sum() / times.sum(),
            intensity=(times * (cosine - centre) ** 2).sum() / times.sum(),
        )
        .sort("document")
    )


def word_contributions(
    target: pl.DataFrame, reference: pl.DataFrame, vectors: KeyedVectors, direction: np.ndarray
) -> pl.DataFrame:
    """Which words make the bias of a text differ from that of a reference.

    The difference of the two biases is the sum over words of (p - q) * c, where p and q are the
    word's relative frequencies among the words of the model and c is its cosine with the axis.

    Args:
        target, reference: ``document``, ``word``, ``count``.
        vectors: A model of both.
        direction: From `fit_axis`.

    Returns:
        ``word``, ``per_1000`` and ``reference_per_1000`` (words of the model), ``cosine``,
        ``contribution`` (to the difference of the biases); largest absolute contribution first.
    """
    projected = project_words(vectors, direction)
    sides = []
    for name, counts in (("p", target), ("q", reference)):
        known = counts.join(projected, on="word", how="semi")
        total = known["count"].sum()
        sides.append(
            known.group_by("word").agg((pl.col("count").sum().cast(pl.Float64) / total).alias(name))
        )
    both = sides[0].join(sides[1], on="word", how="full", coalesce=True).fill_null(0.0)
    return (
        both.join(projected, on="word")
        .select(
            "word",
            per_1000=pl.col("p") * 1000,
            reference_per_1000=pl.col("q") * 1000,
            cosine="cosine",
            contribution=(pl.col("p") - pl.col("q")) * pl.col("cosine"),
        )
        .sort(pl.col("contribution").abs(), "word", descending=[True, False])
    )


def compare_groups(
    places: pl.DataFrame,
    groups: pl.DataFrame,
    *,
    measure: str = "bias",
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """Where groups of documents lie on an axis, and whether they differ from all others.

    Args:
        places: From `frame_axis`.
        groups: ``document`` and ``group``, such as its outlet or month.
        measure: ``"bias"`` or ``"intensity"``; of a group, that of all its words together.
        replicates: Bootstrap replicates, and permutations.
        seed: Seed of both.

    Returns:
        ``group``, ``documents``, ``words``, the measure, ``low`` and ``high`` (95 % percentile
        interval over resampled documents of the group), ``p`` (two-sided, over random assignments
        of documents to groups) and ``q`` (Benjamini-Hochberg over groups), in order of the measure.
        Groups of fewer than `corpus_tools.embeddings.neighbours.MIN_DOCUMENTS` documents have no
        interval and no p.

    Raises:
        InsufficientEvidence: Fewer than two groups have so many documents.
    """
    table = places.join(groups.select("document", "group"), on="document").sort("group", "document")
    size = table["words"].to_numpy().astype(float)
    total = size * table[measure].to_numpy()
    labels, member = np.unique(table["group"].to_numpy(), return_inverse=True)
    number = np.bincount(member)
    if (number >= MIN_DOCUMENTS).sum() < 2:
        raise InsufficientEvidence(
            "a comparison of groups",
            f"{(number >= MIN_DOCUMENTS).sum()} groups of {MIN_DOCUMENTS} documents",
            "at least two",
        )
    rng = np.random.default_rng(seed)
    found = np.bincount(member, total) / np.bincount(member, size)
    apart = _apart(member, total, size)
    beyond = np.ones(len(labels))
    for _ in range(replicates):
        dealt = rng.permutation(member)
        beyond += np.abs(_apart(dealt, total, size)) >= np.abs(apart) - 1e-12
    rows = []
    for place, label in enumerate(labels):
        own = member == place
        low = high = p = None
        if number[place] >= MIN_DOCUMENTS:
            drawn = bootstrap_weights(int(number[place]), replicates, rng)
            low, high = percentile_interval((drawn @ total[own]) / (drawn @ size[own]))
            p = float(beyond[place] / (replicates + 1))
        rows.append((label, int(number[place]), int(size[own].sum()), float(found[place]),
                     low, high, p))  # fmt: skip
    columns = ["group", "documents", "words", measure, "low", "high", "p"]
    result = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)
    tested = result.filter(pl.col("p").is_not_null())
    tested = tested.select("group", q=pl.Series(false_discovery_control(tested["p"].to_numpy())))
    return result.join(tested, on="group", how="left").sort(measure, "group")


def _apart(member: np.ndarray, total: np.ndarray, size: np.ndarray) -> np.ndarray:
    """The measure of each group less that of all other documents."""
    own, words = np.bincount(member, total), np.bincount(member, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        return own / words - (total.sum() - own) / (size.sum() - words)


def place_text(
    text: pl.DataFrame,
    press: pl.DataFrame,
    vectors: KeyedVectors,
    axes: Sequence[str] | Mapping[str, pl.DataFrame],
    *,
    measure: str = "bias",
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """Where one text lies on axes, and how unusual that is among the articles of a press.

    Args:
        text: Counts of the text by paragraph.
        press: Counts of the articles, best of similar length, because short texts vary more.
        vectors: A model of the press.
        axes: Names of axes; or pairs of your own, each table under its name.
        measure: ``"bias"`` or ``"intensity"``, about the bias of the press.
        replicates: Bootstrap replicates of the paragraphs.
        seed: Seed of the resampling.

    Returns:
        ``axis``, the measure, ``low`` and ``high`` (95 % percentile interval over resampled
        paragraphs; it holds for this text alone), ``press`` (the same of all articles together),
        ``below`` (share of articles that lie lower), ``p`` (two-sided share of articles at least as
        far from their median, this text included) and ``q`` (Benjamini-Hochberg over axes).

    Raises:
        InsufficientEvidence: The text has fewer than `corpus_tools.resampling.MIN_UNITS` paragraphs
            with known words.
    """
    rows = []
    for name in axes:
        direction = fit_axis(vectors, axes[name] if isinstance(axes, Mapping) else name)
        articles = frame_axis(press, vectors, direction)
        centre = _together(articles, "bias")
        own = frame_axis(text, vectors, direction, centre=centre)
        if own.height < MIN_UNITS:
            raise InsufficientEvidence(
                "an interval on an axis",
                f"{own.height} paragraphs with known words",
                f"at least {MIN_UNITS}",
            )
        drawn = bootstrap_weights(own.height, replicates, np.random.default_rng(seed))
        size = own["words"].to_numpy().astype(float)
        total = size * own[measure].to_numpy()
        low, high = percentile_interval((drawn @ total) / (drawn @ size))
        place, others = _together(own, measure), articles[measure].to_numpy()
        far = np.abs(others - np.median(others)) >= abs(place - np.median(others))
        rows.append((name, place, float(low), float(high), _together(articles, measure),
                     float((others < place).mean()),
                     float((far.sum() + 1) / (len(others) + 1))))  # fmt: skip
    columns = ["axis", measure, "low", "high", "press", "below", "p"]
    table = pl.DataFrame(rows, schema=columns, orient="row")
    return table.with_columns(q=pl.Series(false_discovery_control(table["p"].to_numpy())))


def _together(places: pl.DataFrame, measure: str) -> float:
    """The measure of all documents taken as one."""
    return float(np.average(places[measure].to_numpy(), weights=places["words"].to_numpy()))
