"""Agreement of coders, human or machine: Krippendorff's alpha, precision, recall and F1.

Documents are resampled for every interval, because paragraphs of one text are coded alike. With
fewer than `corpus_tools.resampling.MIN_UNITS` documents paragraphs are, and ``unit`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import krippendorff
import numpy as np
import polars as pl

from corpus_tools.errors import BadInput
from corpus_tools.resampling import MIN_UNITS, bootstrap_weights, percentile_interval

PARAGRAPH_KEYS = ["document", "paragraph"]


def krippendorff_alpha(
    codings: pl.DataFrame,
    frames: Sequence[str],
    *,
    replicates: int = 1000,
    seed: int = 0,
) -> pl.DataFrame:
    """Krippendorff's alpha of any number of coders for each frame, carried or not carried.

    alpha = 1 - D_o / D_e, the observed disagreement over the disagreement expected by chance, over
    all paragraphs that at least two coders coded (Krippendorff 2019, Content Analysis, ch. 12). 1
    is full agreement, 0 is what chance would give.

    Args:
        codings: One row for each paragraph that a coder coded: ``coder``, ``document``,
            ``paragraph``, ``frames`` (a list, empty if the coder saw none).
        frames: The frames to compare.
        replicates: Bootstrap replicates.
        seed: Seed of the resampling.

    Returns:
        ``frame``, ``coders``, ``paragraphs`` (coded by two or more), ``carried`` (according to at
        least one of them), ``alpha``, ``low`` and ``high`` (95 %), ``unit``. Alpha is null if
        nobody saw the frame, or everybody saw it everywhere.

    Raises:
        BadInput: No paragraph was coded by two coders.

    >>> codings = pl.DataFrame({"coder": ["a", "b"] * 4, "document": [0] * 8,
    ...     "paragraph": [0, 0, 1, 1, 2, 2, 3, 3],
    ...     "frames": [["x"], ["x"], [], [], ["x"], [], [], []]})
    >>> found = krippendorff_alpha(codings, ["x"])
    >>> found.select("coders", "paragraphs", pl.col("alpha").round(3)).row(0)
    (2, 4, 0.533)
    """
    once = codings.unique(["coder", *PARAGRAPH_KEYS], keep="first", maintain_order=True)
    shared = once.filter(pl.len().over(PARAGRAPH_KEYS) > 1).sort(
        PARAGRAPH_KEYS, maintain_order=True
    )
    if not shared.height:
        raise BadInput("no paragraph was coded by two coders: agreement needs two of one text.")
    unit, place, size = _resampling_units(shared)
    units = shared.group_by(PARAGRAPH_KEYS, maintain_order=True).agg(
        pl.len(),
        *(pl.col("frames").list.contains(f).sum().alias(f"_{n}") for n, f in enumerate(frames)),
    )
    drawn = bootstrap_weights(size, replicates, np.random.default_rng(seed))
    rows = []
    for number, frame in enumerate(frames):
        yes = units[f"_{number}"].to_numpy().astype(float)
        counts = np.column_stack([units["len"].to_numpy() - yes, yes])
        value = _alpha(counts)
        spread = [_alpha(np.repeat(counts, weights[place], axis=0)) for weights in drawn]
        known = [a for a in spread if a is not None]
        low, high = percentile_interval(np.array(known)) if known else (None, None)
        rows.append(
            {
                "frame": frame,
                "coders": shared["coder"].n_unique(),
                "paragraphs": units.height,
                "carried": int((yes > 0).sum()),
                "alpha": value,
                "low": None if value is None else low,
                "high": None if value is None else high,
                "unit": unit,
            }
        )
    kinds = {"alpha": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(rows, schema_overrides=kinds)


def overall_alpha(
    codings: pl.DataFrame, frames: Sequence[str], *, replicates: int = 1000, seed: int = 0
) -> pl.DataFrame:
    """Alpha over all frames together: each pair of paragraph and frame is a unit.

    Args:
        codings, frames, replicates, seed: As for `krippendorff_alpha`.

    Returns:
        One row as from `krippendorff_alpha`, with the frame ``all``; ``paragraphs`` counts pairs.
    """
    each = pl.DataFrame({"asked": list(frames)}).with_row_index("number")
    spread = codings.join(each, how="cross").with_columns(
        paragraph=pl.col("paragraph").cast(pl.Int64) * len(frames) + pl.col("number"),
        frames=pl.when(pl.col("frames").list.contains(pl.col("asked")))
        .then(pl.lit(["all"]))
        .otherwise(pl.lit([], dtype=pl.List(pl.String))),
    )
    return krippendorff_alpha(spread, ["all"], replicates=replicates, seed=seed)


def _resampling_units(table: pl.DataFrame) -> tuple[str, np.ndarray, int]:
    """The unit of resampling, its number for each paragraph, and how many there are."""
    unit = "document" if table["document"].n_unique() >= MIN_UNITS else "paragraph"
    paragraphs = table.select(PARAGRAPH_KEYS).unique(maintain_order=True).sort(PARAGRAPH_KEYS)
    if unit == "paragraph":
        return unit, np.arange(paragraphs.height), paragraphs.height
    place = paragraphs["document"].rle_id().to_numpy()
    return unit, place, int(place.max()) + 1


def _alpha(counts: np.ndarray) -> float | None:
    """Nominal alpha of value counts (paragraphs, 2), or None if one value never occurs."""
    if not counts.sum(axis=0).all():
        return None
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def score_coder(decisions: pl.DataFrame, *, replicates: int = 1000, seed: int = 0) -> pl.DataFrame:
    """How well a coder finds the frames of a gold standard.

    Precision is the share of coded paragraphs that carry the frame. Recall (sensitivity) is the
    share of paragraphs with the frame that are coded, specificity the share of the others that are
    not. F1 is the harmonic mean of precision and recall. For alpha, the machine counts as one more
    coder.

    Args:
        decisions: From `corpus_tools.framing.coder.cross_validate`: ``document``, ``paragraph``,
            ``frame``, ``gold``, ``coded``.
        replicates: Bootstrap replicates.
        seed: Seed of the resampling.

    Returns:
        One row per frame, with ``frame``, ``gold`` and ``coded`` (paragraphs), ``precision``,
        ``recall``, ``specificity``, ``f1``, ``alpha``, each with ``_low`` and ``_high`` (95 %),
        ``unit``, and ``used``: whether the coder is better than chance, that is, whether the
        interval of alpha lies above 0. A measure that divides by zero is null.
    """
    unit, by_frame = count_outcomes(decisions)
    drawn = _draw_units(by_frame, replicates, seed)
    rows = []
    for frame, by_unit in by_frame.items():
        hit, alarm, miss, _ = by_unit.sum(axis=0).astype(int)
        values, spread = _outcome_measures(by_unit.sum(axis=0)), _outcome_measures(drawn @ by_unit)
        row: dict[str, Any] = {"frame": frame, "gold": hit + miss, "coded": hit + alarm}
        for name, value in values.items():
            known = spread[name][np.isfinite(spread[name])]
            low, high = percentile_interval(known) if len(known) else (None, None)
            row |= {name: float(value) if np.isfinite(value) else None}
            row |= {f"{name}_low": low, f"{name}_high": high}
        rows.append(
            row | {"unit": unit, "used": bool(row["alpha"] and (row["alpha_low"] or 0) > 0)}
        )
    numbers: dict[str, Any] = {n: pl.Float64 for n in rows[0] if n.split("_")[0] in MEASURES}
    return pl.DataFrame(rows, schema_overrides=numbers)


def count_outcomes(decisions: pl.DataFrame) -> tuple[str, dict[str, np.ndarray]]:
    """True positives, false positives, false negatives and true negatives of each frame.

    Args:
        decisions: As for `score_coder`.

    Returns:
        The unit, ``document`` or ``paragraph``; and for each frame an array (units, 4).
    """
    unit, place, size = _resampling_units(decisions)
    found = {}
    for (frame,), table in decisions.group_by("frame", maintain_order=True):
        gold, coded = table["gold"].to_numpy(), table["coded"].to_numpy()
        kinds = np.column_stack([gold & coded, ~gold & coded, gold & ~coded, ~gold & ~coded])
        found[str(frame)] = np.zeros((size, 4))
        np.add.at(found[str(frame)], place, kinds)
    return unit, found


def _draw_units(by_frame: dict[str, np.ndarray], replicates: int, seed: int) -> np.ndarray:
    size = len(next(iter(by_frame.values())))
    return bootstrap_weights(size, replicates, np.random.default_rng(seed))


MEASURES = ("precision", "recall", "specificity", "f1", "alpha")


def _outcome_measures(cells: np.ndarray) -> dict[str, np.ndarray]:
    """The measures of tables of true and false positives, false and true negatives (..., 4).

    Alpha of two coders and two values in closed form, for all replicates at once: with n values in
        all,
    n_1 of them "carried", it is 1 - (n - 1) * disagreements / (n_0 * n_1).
    """
    hit, alarm, miss, silence = np.moveaxis(np.asarray(cells, float), -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ones = 2 * hit + alarm + miss
        zeros = 2 * silence + alarm + miss
        return {
            "precision": hit / (hit + alarm),
            "recall": hit / (hit + miss),
            "specificity": silence / (silence + alarm),
            "f1": 2 * hit / ones,
            "alpha": 1 - (ones + zeros - 1) * (alarm + miss) / (ones * zeros),
        }


def macro_f1(
    decisions: pl.DataFrame, *, min_gold: int = 15, replicates: int = 1000, seed: int = 0
) -> dict[str, float | int]:
    """The mean F1 of the frames with enough paragraphs in the gold standard.

    Args:
        decisions: As for `score_coder`.
        min_gold: The fewest gold paragraphs of a frame.
        replicates, seed: Of the bootstrap over documents.

    Returns:
        ``f1``, ``low``, ``high`` (95 %), ``frames``.

    Raises:
        BadInput: No frame has enough gold paragraphs.
    """
    _, by_frame = count_outcomes(decisions)
    drawn = _draw_units(by_frame, replicates, seed)
    chosen = [table for table in by_frame.values() if table[:, [0, 2]].sum() >= min_gold]
    scores = [float(_outcome_measures(table.sum(axis=0))["f1"]) for table in chosen]
    spread = [np.nan_to_num(_outcome_measures(drawn @ table)["f1"]) for table in chosen]
    if not scores:
        raise BadInput(f"no frame has {min_gold} gold paragraphs: lower min_gold or code more.")
    low, high = percentile_interval(np.mean(spread, axis=0))
    mean = float(np.mean(scores))
    return {"f1": mean, "low": float(low), "high": float(high), "frames": len(scores)}


def calibration_curve(
    decisions: pl.DataFrame, *, bins: int = 10, replicates: int = 1000, seed: int = 0
) -> pl.DataFrame:
    """Whether probabilities hold: the share of true decisions among those with a probability.

    Args:
        decisions: From `corpus_tools.framing.coder.cross_validate`, with ``probability`` and
            ``gold``.
        bins: Equal intervals of the probability.
        replicates, seed: Of the bootstrap over documents.

    Returns:
        One row per bin that is not empty, with ``from``, ``to``, ``decisions``, ``probability``
        (mean), ``share`` (of decisions that gold confirms), ``low`` and ``high`` (95 %).
    """
    known = decisions.filter(pl.col("probability").is_finite())
    _, place, size = _resampling_units(decisions)
    keys = decisions.select(PARAGRAPH_KEYS).unique(maintain_order=True).sort(PARAGRAPH_KEYS)
    keys = keys.with_columns(unit=pl.Series(place))
    known = known.join(keys, on=PARAGRAPH_KEYS, maintain_order="left")
    stretch = np.minimum((known["probability"].to_numpy() * bins).astype(int), bins - 1)
    drawn = bootstrap_weights(size, replicates, np.random.default_rng(seed))
    rows = []
    for number in sorted(set(stretch.tolist())):
        inside = known.filter(pl.Series(stretch == number))
        unit = inside["unit"].to_numpy()
        hits = np.bincount(unit, inside["gold"].to_numpy(), minlength=size)
        all_ = np.bincount(unit, minlength=size)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = (drawn @ hits) / (drawn @ all_)
        low, high = percentile_interval(shares)
        rows.append(
            {
                "from": number / bins,
                "to": (number + 1) / bins,
                "decisions": inside.height,
                "probability": float(inside["probability"].to_numpy().mean()),
                "share": float(hits.sum() / all_.sum()),
                "low": float(low),
                "high": float(high),
            }
        )
    return pl.DataFrame(rows)
