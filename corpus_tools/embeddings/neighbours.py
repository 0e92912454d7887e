"""Neighbours and similarities of words, with intervals, and refusals where evidence is lacking.

An *ensemble* is a list of replicates from `corpus_tools.embeddings.bootstrap`. Intervals rest on
Student's t and the spread of some twenty replicates
(`corpus_tools.resampling.replicate_interval`); benchmarks/PLANTED.md gives their coverage on
texts with planted truth. They speak of other articles of the same press, not of other presses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from sklearn.preprocessing import normalize

from corpus_tools.arabic.inflection import clitic_forms
from corpus_tools.arabic.spelling import fold_spelling
from corpus_tools.embeddings.bootstrap import decompose_samples
from corpus_tools.embeddings.cooccurrence import Cooccurrences
from corpus_tools.errors import BadInput, InsufficientEvidence
from corpus_tools.resampling import bootstrap_weights, replicate_interval

MIN_OCCURRENCES = 50  # of a word whose neighbours are asked for
MIN_DOCUMENTS = 25
MIN_NEIGHBOUR_COUNT = 20  # of a neighbour: a rarer word's place is mostly noise
MIN_NEIGHBOUR_DOCUMENTS = 10
MIN_PART = 10  # documents of a part of a corpus: fewer cannot be resampled
MIN_KEPT = 0.5  # of its neighbours, in the mean over replicates


def pair_cosines(model: KeyedVectors, left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    """Cosines of pairs of words; NaN where one has the zero vector, as a word that was not
    drawn."""
    unit = model.get_normed_vectors()
    a, b = (unit[[model.key_to_index[word] for word in side]] for side in (left, right))
    placed = a.any(axis=1) & b.any(axis=1)
    return np.where(placed, np.einsum("ij,ij->i", a, b), np.nan)


def word_similarities(
    vectors: KeyedVectors,
    pairs: Sequence[tuple[str, str]],
    ensemble: Sequence[KeyedVectors] = (),
) -> pl.DataFrame:
    """Cosine similarities of pairs of words.

    Args:
        vectors: A model.
        pairs: Pairs of its words.
        ensemble: Its replicates.

    Returns:
        ``word``, ``other``, ``cosine`` and, with an ensemble, ``low`` and ``high`` (see
        `corpus_tools.resampling.replicate_interval`), one row per pair, in the order given.

    Raises:
        BadInput: A word is not in the model.
        InsufficientEvidence: A word is too rare, as for `nearest_neighbours`.
    """
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    for word in dict.fromkeys([*left, *right]):
        require_evidence(vectors, word)
    found = pair_cosines(vectors, left, right)
    table = pl.DataFrame({"word": left, "other": right, "cosine": pl.Series(found.tolist())})
    return _add_interval(table, [pair_cosines(model, left, right) for model in ensemble])


def _add_interval(table: pl.DataFrame, samples: list[np.ndarray]) -> pl.DataFrame:
    if not samples:
        return table
    low, high = replicate_interval(table["cosine"].to_numpy(), np.array(samples))
    return table.with_columns(low=pl.Series(low), high=pl.Series(high))


def nearest_neighbours(
    vectors: KeyedVectors,
    word: str,
    *,
    number: int = 10,
    ensemble: Sequence[KeyedVectors] = (),
    min_count: int = MIN_NEIGHBOUR_COUNT,
    min_documents: int = MIN_NEIGHBOUR_DOCUMENTS,
    own_forms: bool = False,
) -> pl.DataFrame:
    """The words whose vectors have the highest cosine with that of a word.

    Args:
        vectors: From `corpus_tools.embeddings.training` or any word2vec file.
        word: A word of the model, in the model's own spelling.
        number: How many neighbours.
        ensemble: The replicates of the model.
        min_count, min_documents: Rarer words are left out, if the model keeps counts.
        own_forms: Whether other spellings of the word itself, and the word with clitics, may be
            neighbours.

    Returns:
        ``word``, ``cosine``, ``count``; with an ensemble also ``low``, ``high`` (95 % interval of
        the cosine) and ``kept`` (share of replicates that have the word among their `number`
        nearest). Nearest first.

    Raises:
        BadInput: The word is not in the model.
        InsufficientEvidence: The word has fewer than `MIN_OCCURRENCES` occurrences or stands in
            fewer than `MIN_DOCUMENTS` documents.
    """
    known = require_evidence(vectors, word)
    counts = [vectors.expandos.get(name) for name in ("count", "documents")]
    least = (min_count, min_documents)
    allowed = candidate_mask(vectors.index_to_key, word, counts, least, own_forms=own_forms)
    place, keys = vectors.key_to_index[word], vectors.index_to_key
    near = [_nearest(model.get_normed_vectors(), place, allowed, number) for model in
            (vectors, *ensemble)]  # fmt: skip
    names = [keys[at] for at in near[0]]
    unit = vectors.get_normed_vectors()
    table = pl.DataFrame(
        {
            "word": names,
            "cosine": (unit[near[0]] @ unit[place]).astype(float),
            "count": [int(vectors.get_vecattr(o, "count")) if known else None for o in names],
        },
        schema={"word": pl.String, "cosine": pl.Float64, "count": pl.Int64},
    )
    if not ensemble:
        return table
    table = _add_interval(table, [pair_cosines(m, [word] * len(names), names) for m in ensemble])
    kept = [float(np.mean([at in other for other in near[1:]])) for at in near[0]]
    return table.with_columns(kept=pl.Series(kept, dtype=pl.Float64))


def candidate_mask(
    words: Sequence[str],
    word: str,
    counts: Sequence[np.ndarray | None],
    least: Sequence[int],
    *,
    own_forms: bool = False,
) -> np.ndarray:
    """Which words may be neighbours of a word: an array (words) of bool.

    Args:
        words: The words of a model.
        word: The word that is asked for.
        counts: Attributes of the words, such as their occurrences; None where they are not known.
        least: What each attribute must reach.
        own_forms: Whether other spellings and clitic forms of the word count.
    """
    allowed = np.array([other != word for other in words])
    for values, minimum in zip(counts, least, strict=True):
        if values is not None:
            allowed &= np.asarray(values) >= minimum
    if not own_forms:
        own = clitic_forms(word)
        allowed &= np.array([form not in own for form in fold_spelling(words)])
    return allowed


def _nearest(unit: np.ndarray, place: int, allowed: np.ndarray, number: int) -> list[int]:
    """The places of the nearest allowed words; ties by their place."""
    cosines = np.where(allowed, unit @ unit[place], -np.inf)
    ranked = np.argsort(-cosines, kind="stable")[:number]
    return [int(at) for at in ranked if allowed[at]]


def require_evidence(vectors: KeyedVectors, word: str) -> bool:
    """Refuse a word that is not in the model or too rare; False if the model keeps no counts.

    Raises:
        BadInput, InsufficientEvidence: As for `nearest_neighbours`.
    """
    if word not in vectors:
        raise BadInput(f"the vectors hold no word «{word}»: look for another, or lower min-count.")
    if not {"count", "documents"} <= set(vectors.expandos):
        return False
    count, documents = (int(vectors.get_vecattr(word, a)) for a in ("count", "documents"))
    if count < MIN_OCCURRENCES or documents < MIN_DOCUMENTS:
        raise InsufficientEvidence(
            f"neighbours of {word}",
            f"{count} occurrences in {documents} document{'s' * (documents != 1)}",
            f"at least {MIN_OCCURRENCES} occurrences in {MIN_DOCUMENTS} documents",
        )
    return True


def judge_neighbours(vectors: KeyedVectors, word: str, ensemble: Sequence[KeyedVectors]) -> str:
    """One sentence on whether the neighbours of a word are stable enough to be interpreted.

    They are if the word has enough evidence (see `nearest_neighbours`) and at least half of its ten
    neighbours are among the ten of a replicate, in the mean.

    Raises:
        BadInput: The word is not in the model.
    """
    try:
        known = require_evidence(vectors, word)
    except InsufficientEvidence:
        count, documents = (int(vectors.get_vecattr(word, a)) for a in ("count", "documents"))
        articles = "1 article uses" if documents == 1 else f"{documents:,} articles use"
        times = "once" if count == 1 else f"{count:,} times"
        return f"{articles} «{word}», {times} in all: its neighbours cannot be interpreted."
    kept = float(nearest_neighbours(vectors, word, ensemble=ensemble)["kept"].mean())  # type: ignore[arg-type]
    articles = (
        f"{int(vectors.get_vecattr(word, 'documents')):,} articles use «{word}»"
        if known
        else f"«{word}»"
    )
    told = f"{articles}, and {10 * kept:.1f} of its 10 neighbours recur in resampled articles"
    if kept < MIN_KEPT:
        return f"{told}: single neighbours are not reliable."
    return f"{told}: they can be interpreted."


def stability_curve(
    pairs: Cooccurrences,
    words: Sequence[str],
    *,
    shares: Sequence[float] = (0.25, 0.5, 0.75, 1.0),
    number: int = 10,
    replicates: int = 5,
    size: int = 100,
    seed: int = 0,
) -> pl.DataFrame:
    """How many neighbours recur as the corpus grows: PPMI-SVD on parts of the documents.

    Each part is drawn without replacement, and the larger parts contain the smaller. Its replicates
    are bootstrap samples of it. Neighbours are those of `nearest_neighbours`.

    Args:
        pairs: Cooccurrences.
        words: Whose neighbours are compared.
        shares: Of the documents.
        number: How many neighbours of each word.
        replicates: Samples of each part.
        size: Dimensions.
        seed: Seed of the parts and samples.

    Returns:
        ``share``, ``documents``, ``kept`` (share of neighbours that a replicate has in common with
        the part, mean over words and replicates), ``low`` and ``high`` (95 % interval of that mean
        over replicates), one row per share.

    Raises:
        InsufficientEvidence: There are not more words than dimensions, or a share holds fewer
            than `MIN_PART` documents.
    """
    fewest = round(min(shares) * pairs.documents)
    if fewest < MIN_PART:
        raise InsufficientEvidence(
            f"neighbours on a share of {min(shares)}",
            f"{fewest} documents in it",
            f"at least {MIN_PART} documents",
        )
    names = pairs.words["word"].to_list()
    counts = [pairs.words[name].to_numpy() for name in ("count", "documents")]
    least = (MIN_NEIGHBOUR_COUNT, MIN_NEIGHBOUR_DOCUMENTS)
    asked = [(names.index(word), candidate_mask(names, word, counts, least)) for word in words]
    rng = np.random.default_rng(seed)
    order = rng.permutation(pairs.documents)
    rows = []
    for share in shares:
        part = order[: round(share * pairs.documents)]
        whole = np.zeros(pairs.documents, dtype=np.int64)
        whole[part] = 1
        samples = np.zeros((replicates, pairs.documents), dtype=np.int64)
        samples[:, part] = bootstrap_weights(len(part), replicates, rng)
        models = decompose_samples(pairs, whole, [whole, *samples], size=size, seed=seed)
        first, *others = [
            [set(_nearest(unit, place, allowed, number)) for place, allowed in asked]
            for unit in map(normalize, models)
        ]
        kept = np.array([
            np.mean([len(a & b) / number for a, b in zip(first, o, strict=True)]) for o in others
        ])  # fmt: skip
        # The spread of single replicates, made that of their mean.
        low, high = replicate_interval(
            np.array([kept.mean()]), kept[:, None] / replicates**0.5, cosine=False
        )
        rows.append((share, len(part), float(kept.mean()), float(low[0]), float(high[0])))
    return pl.DataFrame(rows, schema=["share", "documents", "kept", "low", "high"], orient="row")
