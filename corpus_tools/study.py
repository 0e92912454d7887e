"""What the notebooks study: which corpus, held against which press, with which random seed."""

from __future__ import annotations

import os
from pathlib import Path

SEED = 0  # of every random choice in the notebooks
SEEDS = "CORPUS_TOOLS_SEEDS"  # names the folder of the corpus under study, if not ../seeds


def texts() -> Path:
    """Where the texts under study are: ``article`` in the seeds folder, or the folder itself."""
    seeds = Path(os.environ.get(SEEDS, "../seeds"))
    return seeds / "article" if (seeds / "article").is_dir() else seeds


def press() -> Path:
    """Where the press is: ``press`` in the seeds folder, or the one of this repository."""
    own = Path(os.environ.get(SEEDS, "../seeds")) / "press"
    return own if own.is_dir() else Path("../seeds/press")


def gold() -> Path:
    """Where the coded corpus is: ``teaching`` in the seeds folder, or that of this repository."""
    own = Path(os.environ.get(SEEDS, "../seeds")) / "teaching"
    return own if own.is_dir() else Path("../seeds/teaching")


def coding() -> Path | None:
    """The human coding of the texts under study, ``article-coding.csv``, or None without one."""
    own = Path(os.environ.get(SEEDS, "../seeds")) / "article-coding.csv"
    return own if own.is_file() else None
