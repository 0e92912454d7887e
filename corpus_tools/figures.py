"""Figures: each is drawn from one table, and shown with that table as its text.

matplotlib joins and orders Arabic letters by itself (from 3.11); nothing is reshaped here.
nbval does not compare pictures, so `show` puts the data that was plotted beside the picture in
the same output, where it is compared.
"""

from __future__ import annotations

import io

import matplotlib
import numpy as np
import polars as pl
from IPython.display import display
from matplotlib.figure import Figure

from corpus_tools import tables

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


def dots(
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
) -> Figure:
    """A dot a row with its interval, the first row on top.

    Args:
        table: What to draw; intervals where it has the columns `low` and `high`.
        label: Column of the names, in Arabic or not.
        value: Column of the dots.
        title: What the figure says.
        xlabel: What the dots measure, with its unit.
        english: Column of glosses, written beside the names.
        zero: Draw the axis from zero.
    """
    values = table[value].to_numpy()
    at = np.arange(table.height)[::-1]
    figure = Figure(figsize=(8, 0.34 * table.height + 1.4), layout="constrained")
    axes = figure.subplots()
    if low in table.columns and high in table.columns:
        axes.hlines(at, table[low].to_numpy(), table[high].to_numpy(), color=PALE, linewidth=5)
    axes.plot(values, at, "o", color=INK, markersize=6, clip_on=False)
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


def grid(
    table: pl.DataFrame, *, row: str, column: str, title: str, xlabel: str, ylabels: list[str],
    xlabels: list[str], size: str | None = None,
) -> Figure:  # fmt: skip
    """A mark for each pair of row and column that the table holds.

    Args:
        table: A row a mark.
        row: Column of numbers from 0 that says in which row.
        column: Column of numbers from 0 that says in which column.
        title: What the figure says.
        xlabel: What the columns are.
        ylabels: Names of the rows, the first on top.
        xlabels: Names of the columns.
        size: Column of counts: the area of a mark says how many. Without it all are of one size.
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


def show(figure: Figure, data: pl.DataFrame, title: str) -> None:
    """Show a figure in a notebook, the data that it plots as its text.

    Where `corpus_tools.reproduce` collects results, the figure is also written as PNG and SVG.

    Args:
        figure: From a function of this module.
        data: The table that was drawn.
        title: What the figure is called in a list, and in file names.
    """
    rows = [" | ".join(tables.cell(v, 2) for v in row) for row in data.iter_rows()]
    plain = "\n".join([f"Figure: {title}", " | ".join(data.columns), *rows])
    # For a reader who cannot see the picture, its title; the data follow as text.
    alternative = {"image/png": {"alt": title}}
    display({"image/png": png(figure), "text/plain": plain}, raw=True, metadata=alternative)
    place = tables.result("figures", title, ".png")
    if place:
        place.write_bytes(png(figure))
        figure.savefig(place.with_suffix(".svg"), metadata={"Date": None, "Creator": None})


def png(figure: Figure) -> bytes:
    """The figure as PNG, without a date or version in it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()
