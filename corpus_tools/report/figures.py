"""Figures: each is drawn from one table and shown with that table as its text.

matplotlib shapes and orders Arabic letters itself (from 3.11), so nothing is reshaped here. nbval
does not compare pictures, so `show_figure` puts the plotted data beside the picture in the same
output, where they are compared.
"""

from __future__ import annotations

import io
from typing import Any

import matplotlib
import numpy as np
import polars as pl
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from corpus_tools.report.tables import format_cell, result_path

INK, PALE, MARK = "#1b4965", "#bcd4e6", "#c8553d"
matplotlib.rcParams.update(
    {
        "font.family": "DejaVu Sans",  # ships with matplotlib and holds Arabic: no font to install
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "svg.hashsalt": "corpus-tools",
    }
)


def plot_dots(
    table: pl.DataFrame,
    *,
    label: str,
    value: str,
    title: str,
    xlabel: str,
    low: str = "low",
    high: str = "high",
    english: str | None = None,
    zero: bool = True,
    beside: str | None = None,
    names: tuple[str, str] = ("", ""),
) -> Figure:
    """One dot per row with its interval, the first row at the top; or two dots per row.

    Args:
        table: What to draw; with intervals if it has the columns `low` and `high`.
        label: Column of the names, in Arabic or not.
        value: Column of the dots.
        title: What the figure says.
        xlabel: What the dots measure, with its unit.
        low, high: Columns of the interval of `value`.
        english: Column of glosses, written beside the names.
        zero: Whether the axis begins at zero.
        beside: Column of a second dot, its interval in the columns of that name with ``_low`` and
            ``_high``.
        names: What the two dots are.
    """
    values = table[value].to_numpy()
    at = np.arange(table.height)[::-1]
    figure = Figure(figsize=(8, 0.34 * table.height + 1.4), layout="constrained")
    axes = figure.subplots()
    up = 0.16 if beside else 0.0
    if low in table.columns and high in table.columns:
        ends = table[low].to_numpy(), table[high].to_numpy()
        axes.hlines(at + up, *ends, color=PALE, linewidth=5)
    axes.plot(values, at + up, "o", color=INK, markersize=6, clip_on=False, label=names[0])
    if beside:
        ends = table[f"{beside}_low"].to_numpy(), table[f"{beside}_high"].to_numpy()
        axes.hlines(at - up, *ends, color=MARK, alpha=0.3, linewidth=5)
        second = table[beside].to_numpy()
        axes.plot(second, at - up, "D", color=MARK, markersize=5, clip_on=False, label=names[1])
        axes.legend(loc="lower right", frameon=False)
    axes.set_yticks(at, table[label].to_list())
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.7, table.height - 0.3)
    axes.grid(axis="x", color="#eee")
    axes.set_axisbelow(True)
    if zero:
        axes.axvline(0, color="#999", linewidth=0.8)
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0]) if values.min() < 0 else 0)
    if english:
        # Glosses stand in an axis of their own: two scripts in one label are hard to read.
        right = axes.secondary_yaxis("right")
        right.set_yticks(at, table[english].to_list())
        right.tick_params(length=0)
        right.spines["right"].set_visible(False)
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel(xlabel)
    return figure


def plot_grid(
    table: pl.DataFrame, *, row: str, column: str, title: str, xlabel: str, ylabels: list[str],
    xlabels: list[str], size: str | None = None,
) -> Figure:  # fmt: skip
    """A mark for each pair of row and column in the table.

    Args:
        table: One row per mark.
        row: Column with the row of the mark, from 0.
        column: Column with the column of the mark, from 0.
        title: What the figure says.
        xlabel: What the columns are.
        ylabels: Names of the rows, the first at the top.
        xlabels: Names of the columns.
        size: Column of counts, shown by the area of the mark; by default all marks have one size.
    """
    figure = Figure(figsize=(8, 0.3 * len(ylabels) + 1.6), layout="constrained")
    axes = figure.subplots()
    area = 110 * (table[size] / table[size].max()).to_numpy() if size else 110
    axes.scatter(table[column].to_numpy(), table[row].to_numpy(), marker="s", s=area, color=INK)
    axes.set_yticks(range(len(ylabels)), ylabels)
    crowded = sum(map(len, xlabels)) > 60
    axes.set_xticks(range(len(xlabels)), xlabels, rotation=90 if crowded else 0)
    axes.set_ylim(len(ylabels) - 0.5, -0.5)
    axes.set_xlim(-0.5, len(xlabels) - 0.5)
    axes.tick_params(length=0)
    axes.grid(color="#eee")
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel(xlabel)
    return figure


def plot_line(
    table: pl.DataFrame, *, x: str, y: str, title: str, xlabel: str, ylabel: str,
    low: str = "low", high: str = "high", series: str | None = None, log: bool = False,
    diagonal: bool = False,
) -> Figure:  # fmt: skip
    """A line through the rows of a table in their order, with a band for intervals.

    Args:
        table: What to draw.
        x, y: Columns of numbers.
        title: What the figure says.
        xlabel, ylabel: What the numbers are, with their units.
        low, high: Columns of the interval of `y`, if the table has them.
        series: Column of names; one line each, labelled at its end.
        log: Whether both axes are logarithmic.
        diagonal: Whether to draw the line where both are equal.
    """
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.subplots()
    parts = table.partition_by(series, maintain_order=True) if series else [table]
    for part, colour in zip(parts, [INK, MARK, "#7a9e7e", "#8d6a9f"], strict=False):
        across = part[x].to_numpy()
        if low in part.columns and high in part.columns:
            band = part[low].to_numpy(), part[high].to_numpy()
            axes.fill_between(across, *band, color=PALE, alpha=0.6, linewidth=0)
        axes.plot(across, part[y].to_numpy(), "o-", color=colour, markersize=5)
        if series:
            end = (across[-1], part[y][-1])
            axes.annotate(part[series][0], end, (6, 0), textcoords="offset points", va="center")
    if diagonal:
        axes.axline((0, 0), slope=1, color="#999", linewidth=0.8, linestyle="--")
    if log:
        axes.set_xscale("log")
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    if series:
        axes.margins(x=0.2)
    axes.grid(color="#eee")
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    return figure


def plot_word_map(table: pl.DataFrame, *, english: str, title: str, note: str) -> Figure:
    """Words at their positions, each with the ellipse within which a replicate may move it.

    Args:
        table: From `corpus_tools.embeddings.maps.map_words`.
        english: Column of glosses, written under the words.
        title: What the figure says.
        note: What the axes are; written below.
    """
    figure = Figure(figsize=(8, 6.4), layout="constrained")
    axes = figure.subplots()
    for row in table.iter_rows(named=True):
        place = (row["x"], row["y"])
        region = Ellipse(place, row["width"], row["height"], angle=row["angle"], color=PALE,
                         alpha=0.45, linewidth=0)  # fmt: skip
        axes.add_patch(region)
        axes.plot(*place, "o", color=INK, markersize=4)
    for row, height in zip(table.iter_rows(named=True), _spread_labels(table), strict=True):
        place, label = (row["x"], row["y"]), (row["x"], height)
        if height != row["y"]:
            axes.plot(*zip(place, label, strict=True), color="#999", linewidth=0.6)
        offset: dict[str, Any] = {"textcoords": "offset points", "ha": "center"}
        axes.annotate(row["word"], label, (0, 4), **offset, va="bottom", fontsize=11)
        axes.annotate(row[english], label, (0, -4), **offset, va="top", fontsize=7.5, color="#555")
    axes.autoscale_view()
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel(note)
    return figure


def _spread_labels(table: pl.DataFrame) -> list[float]:
    """Heights for the labels of points, so that they do not overlap."""
    x, y = table["x"].to_numpy(), table["y"].to_numpy()
    span = max(np.ptp(x), np.ptp(y))
    heights = y.copy()
    done: list[int] = []
    for place in np.lexsort((x, -y)):
        for other in done:
            if abs(x[place] - x[other]) < 0.13 * span:
                free = heights[other] - 0.075 * span
                if heights[place] > free:
                    heights[place] = min(free, y[place] - 0.05 * span)
        done.append(int(place))
    return heights.tolist()


def plot_axes(
    table: pl.DataFrame, marks: pl.DataFrame, *, title: str, poles: dict[str, tuple[str, str]]
) -> Figure:
    """Groups on axes of meaning: one panel per axis, one dot with its interval per group.

    Args:
        table: ``axis``, ``group``, ``bias``, ``low``, ``high``; groups in the same order on all
            axes.
        marks: ``axis``, ``bias``, ``low``, ``high`` of one text, drawn through the panels.
        title: What the figure says.
        poles: For each axis, in order, the names of its negative and positive pole.
    """
    groups = table["group"].unique(maintain_order=True).to_list()
    figure = Figure(figsize=(10, 0.3 * len(groups) + 1.9), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(poles), sharey=True))
    at = np.arange(len(groups))[::-1]
    for axes, (name, (negative, positive)) in zip(panels, poles.items(), strict=True):
        rows = table.filter(pl.col("axis") == name)
        places = at[[groups.index(group) for group in rows["group"]]]
        axes.hlines(
            places, rows["low"].to_numpy(), rows["high"].to_numpy(), color=PALE, linewidth=5
        )
        axes.plot(rows["bias"].to_numpy(), places, "o", color=INK, markersize=5)
        for mark in marks.filter(pl.col("axis") == name).iter_rows(named=True):
            axes.axvspan(mark["low"], mark["high"], color=MARK, alpha=0.12, linewidth=0)
            axes.axvline(mark["bias"], color=MARK, linewidth=1.4)
        axes.set_yticks(at, groups)
        axes.tick_params(axis="y", length=0)
        axes.locator_params(axis="x", nbins=4)
        axes.grid(axis="x", color="#eee")
        axes.set_axisbelow(True)
        axes.set_xlabel(f"← {negative}    {positive} →")
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
    return figure


def show_figure(figure: Figure, data: pl.DataFrame, title: str, *, digits: int = 2) -> None:
    """Show a figure in a notebook, with the plotted data as its text.

    While `corpus_tools.report.reproduce` collects results, the figure is also written as PNG and
    SVG.

    Args:
        figure: From a function of this module.
        data: The table that was drawn.
        title: The name of the figure in lists and file names.
        digits: Digits after the decimal point in that table.
    """
    rows = [" | ".join(format_cell(v, digits) for v in row) for row in data.iter_rows()]
    plain = "\n".join([f"Figure: {title}", " | ".join(data.columns), *rows])
    # For a reader who cannot see the picture, its title; the data follow as text.
    alternative = {"image/png": {"alt": title}}
    display({"image/png": render_png(figure), "text/plain": plain}, raw=True, metadata=alternative)
    place = result_path("figures", title, ".png")
    if place:
        place.write_bytes(render_png(figure))
        figure.savefig(place.with_suffix(".svg"), metadata={"Date": None, "Creator": None})


def render_png(figure: Figure) -> bytes:
    """The figure as PNG, without a date or version in it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()
