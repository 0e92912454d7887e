"""Frame profiles of texts: the share of paragraphs with each frame, corrected for coding errors.

Scores describe features of a text. They say nothing about intent, truth or the author's
independence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import norm, t

from corpus_tools.framing.agreement import count_outcomes, score_coder
from corpus_tools.resampling import (
    MIN_UNITS,
    bootstrap_weights,
    estimate_rate,
    percentile_interval,
    sum_by_unit,
)

POSTERIOR_DRAWS = 20_000  # of shares and error rates, for the interval of a corrected share


def frame_profile(
    coded: pl.DataFrame,
    paragraphs: pl.DataFrame,
    frames: Sequence[str],
    *,
    decisions: pl.DataFrame | None = None,
    by: str | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """The share of paragraphs that carry each frame, absent frames included.

    With `decisions` also the share corrected for the coder's errors: (p + c - 1) / (s + c - 1),
    where p is the coded share, s the coder's sensitivity and c its specificity (Rogan and Gladen
    1978), truncated to 0 and 1. For its interval p, s and c are drawn from beta distributions
    (Jeffreys 1946) whose counts are divided by the design effect of documents; where nothing was
    found, by the design effect in the gold standard. The correction assumes that the coder errs in
    these texts as it did in the gold standard.

    Args:
        coded: From `corpus_tools.framing.coder.code`: ``document``, ``paragraph``, ``frame``.
        paragraphs: All paragraphs: ``document``, ``paragraph``, and the column `by`. For counts
            (see `corpus_tools.reference.frame_counts`) a row stands for several paragraphs,
            ``hits`` of them in `coded` and ``size`` of them here.
        frames: The frames, absent ones too.
        decisions: The same coder beside a gold standard, from
            `corpus_tools.framing.coder.cross_validate`.
        by: A column of `paragraphs` to group by, such as the outlet or the year.
        replicates: Bootstrap replicates of the coded share.
        seed: Seed of resampling and drawing.

    Returns:
        (`by`,) ``frame``, ``paragraphs`` (that carry it), ``of`` (all), ``share``, ``low`` and
        ``high`` (95 %), with `decisions` ``corrected``, ``corrected_low``, ``corrected_high`` and
        ``used``, and ``unit`` (of resampling, see `corpus_tools.resampling.estimate_rate`); most
        frequent first. For a frame that was never found, ``high`` is the largest share that the
        length of the text allows, and ``corrected_high`` the same with allowance for what the coder
        misses. A frame on which the coder is no better than chance is not ``used`` and has no
        shares.

    >>> seen = pl.DataFrame({"document": [0] * 4, "paragraph": [0, 1, 2, 3]})
    >>> coded = seen.head(1).with_columns(frame=pl.lit("threat"))
    >>> frame_profile(coded, seen, ["threat"]).select("frame", "paragraphs", "of", "share").row(0)
    ('threat', 1, 4, 0.25)
    """
    quality = None if decisions is None else score_coder(decisions, seed=seed)
    used = {} if quality is None else dict(quality.select("frame", "used").iter_rows())
    errors = None if decisions is None else count_outcomes(decisions)[1]
    if "size" not in paragraphs.columns:
        paragraphs, coded = paragraphs.with_columns(size=1), coded.with_columns(hits=1)
    coded = _match_types(coded, paragraphs)
    parts = [((), paragraphs)] if by is None else sorted(paragraphs.group_by([by]))
    rows: list[dict[str, Any]] = []
    for key, part in parts:
        sizes = part.select("document", "paragraph", "size")
        here = coded.join(sizes, on=["document", "paragraph"], how="semi")
        for frame in frames:
            hits = here.filter(frame=frame).select("document", "paragraph", "hits")
            rate = estimate_rate(hits, sizes, bounded=True, replicates=replicates, seed=seed)
            row: dict[str, Any] = {} if by is None else {by: key[0]}
            found, all_ = int(hits["hits"].sum()), int(sizes["size"].sum())
            row |= {"frame": frame, "paragraphs": found, "of": all_}
            row |= {"share": rate.rate, "low": rate.low, "high": rate.high}
            if errors is not None:
                row |= _corrected(hits, sizes, errors.get(frame), seed)
                row["used"] = used.get(frame, False)
            rows.append(row | {"unit": rate.unit})
    table = pl.DataFrame(rows, infer_schema_length=None)
    if errors is not None:
        shares = ["share", "low", "high", "corrected", "corrected_low", "corrected_high"]
        table = table.with_columns(
            pl.when("used").then(pl.col(c).cast(pl.Float64)).alias(c) for c in shares
        )
    order = ["paragraphs", "frame"] if by is None else [by, "paragraphs", "frame"]
    return table.sort(order, descending=[column == "paragraphs" for column in order])


def _match_types(coded: pl.DataFrame, paragraphs: pl.DataFrame) -> pl.DataFrame:
    """Document and paragraph numbers as integers of the same size; people's may be larger."""
    return coded.cast({key: paragraphs[key].dtype for key in ("document", "paragraph")})


def _corrected(
    hits: pl.DataFrame, sizes: pl.DataFrame, errors: np.ndarray | None, seed: int
) -> dict[str, float | None]:
    names = ("corrected", "corrected_low", "corrected_high")
    if errors is None:
        return dict.fromkeys(names)
    counted = np.column_stack(sum_by_unit(hits, sizes)[1:]).astype(float)
    return dict(zip(names, correct_share(counted, errors, seed=seed), strict=True))


def correct_share(
    counted: np.ndarray, errors: np.ndarray, *, seed: int = 0
) -> tuple[float | None, float | None, float | None]:
    """A share corrected for a coder's errors, with its 95 % interval (see `frame_profile`).

    Args:
        counted: Coded paragraphs and all paragraphs of each unit, an array (units, 2).
        errors: True positives, false positives, false negatives and true negatives of the coder in
            each unit of a gold standard, an array (units, 4).
        seed: Seed of the draws.

    Returns:
        The share and the ends of its interval; None if the coder was no better than chance.

    >>> counted = np.array([[3, 10.0]] * 20)
    >>> errors = np.array([[4, 0, 1, 5.0]] * 20)  # finds four in five, sees nothing that is not
    >>> [round(value, 2) for value in correct_share(counted, errors)]
    [0.38, 0.29, 0.48]
    """
    hit, alarm, miss, silence = errors.T
    pairs = ((counted[:, 0], counted[:, 1]), (hit, hit + miss), (silence, silence + alarm))
    if not all(of.sum() for _, of in pairs):
        return None, None, None
    share, found, silent = (float(yes.sum()) / float(of.sum()) for yes, of in pairs)
    if found + silent <= 1:
        return None, None, None
    rng = np.random.default_rng(seed)
    drawn = []
    for yes, of in pairs:
        spread = _design_effect(yes, of)
        hits, others = float(yes.sum()), float((of - yes).sum())
        drawn.append(rng.beta(hits / spread + 0.5, others / spread + 0.5, POSTERIOR_DRAWS))
    if share == 0:  # as far as nothing found in so many allows (Clopper and Pearson 1934)
        alike = _design_effect(hit + miss, errors.sum(axis=1)) if counted[:, 1].max() > 1 else 1
        drawn[0] = rng.beta(1, float(counted[:, 1].sum()) / alike, POSTERIOR_DRAWS)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = (drawn[0] + drawn[2] - 1) / (drawn[1] + drawn[2] - 1)
    low, high = percentile_interval(np.clip(values, 0, 1))
    best = (share + silent - 1) / (found + silent - 1)
    return float(np.clip(best, 0, 1)), float(low), float(high)


def _design_effect(yes: np.ndarray, of: np.ndarray) -> float:
    """How many times more a share varies over units than over single paragraphs; at least 1.

    Widened by Student's t for few units (Kish 1965, Survey Sampling; Korn and Graubard 1998).
    """
    there = of > 0
    yes, of = yes[there], of[there]
    units, total = len(of), float(of.sum())
    share = float(yes.sum()) / total
    if units < 2 or of.max() == 1:  # single paragraphs vary as one by one
        return 1.0
    few = (t.ppf(0.975, units - 1) / norm.ppf(0.975)) ** 2
    if share in (0, 1):
        return 1.0
    variance = units / (units - 1) * float(np.sum((yes - share * of) ** 2)) / total**2
    return max(1.0, variance / (share * (1 - share) / total)) * few


def frame_associations(
    coded: pl.DataFrame,
    paragraphs: pl.DataFrame,
    *,
    min_expected: int = 5,
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """Frames that share a paragraph more often, or less, than expected by chance.

    The measure is log2 of both / (one * other / all), the pointwise mutual information of two
    frames. If a row of `paragraphs` is a whole article (see `corpus_tools.reference.frame_counts`),
    frames share an article.

    Args:
        coded: From `corpus_tools.framing.coder.code`.
        paragraphs: All that were coded: ``document``, ``paragraph``.
        min_expected: Pairs with a smaller expected number are left out.
        replicates, seed: Of the bootstrap over documents (over paragraphs if there are few).

    Returns:
        ``frame``, ``other``, ``both`` (paragraphs), ``expected``, ``pmi``, ``low``, ``high`` (95
        %), highest first. For two frames that never co-occur, ``pmi`` is that of half a paragraph.
    """
    lines = paragraphs.select("document", "paragraph").unique().sort("document", "paragraph")
    frames = sorted(coded["frame"].unique())
    rows = lines.with_row_index("row")
    pairs = _match_types(coded, lines).join(rows, on=["document", "paragraph"])
    carries = np.zeros((lines.height, len(frames)))
    place = {frame: number for number, frame in enumerate(frames)}
    carries[pairs["row"].to_numpy(), [place[frame] for frame in pairs["frame"]]] = 1
    few = lines["document"].n_unique() < MIN_UNITS
    unit = np.arange(lines.height) if few else lines["document"].rle_id().to_numpy()
    size = int(np.max(unit)) + 1 if len(unit) else 0
    weights = (
        bootstrap_weights(size, replicates, np.random.default_rng(seed))[:, unit] if size else None
    )
    found = []
    for a, one in enumerate(frames):
        for b in range(a + 1, len(frames)):
            x, y = carries[:, a], carries[:, b]
            expected = x.sum() * y.sum() / len(x)
            if expected < min_expected or weights is None:
                continue
            both = float((x * y).sum())
            joint = np.maximum(weights @ (x * y), 0.5)
            with np.errstate(divide="ignore"):
                spread = np.log2(joint * len(x) / ((weights @ x) * (weights @ y)))
            low, high = percentile_interval(spread)
            row = {"frame": one, "other": frames[b], "both": int(both), "expected": expected}
            row |= {"pmi": float(np.log2(max(both, 0.5) / expected))}
            found.append(row | {"low": float(low), "high": float(high)})
    columns = {"frame": pl.String, "other": pl.String, "both": pl.Int64, "expected": pl.Float64,
               "pmi": pl.Float64, "low": pl.Float64, "high": pl.Float64}  # fmt: skip
    table = pl.DataFrame(found, schema=columns)
    return table.sort("pmi", "frame", "other", descending=[True, False, False])
