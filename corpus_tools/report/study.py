"""What the notebooks study: which corpus, held against which press, with which random seed."""

from __future__ import annotations

import os
from pathlib import Path

STUDY_SEED = 0  # of every random choice in the notebooks
SEEDS_VARIABLE = "CORPUS_TOOLS_SEEDS"  # names the folder of the corpus under study, if not ../seeds


def study_texts() -> Path:
    """Where the texts under study are: ``article`` in the seeds folder, or the folder itself."""
    seeds = Path(os.environ.get(SEEDS_VARIABLE, "../seeds"))
    return seeds / "article" if (seeds / "article").is_dir() else seeds


def study_reference() -> Path:
    """Where the press is: ``press`` in the seeds folder, or the one of this repository."""
    own = Path(os.environ.get(SEEDS_VARIABLE, "../seeds")) / "press"
    return own if own.is_dir() else Path("../seeds/press")


def study_gold() -> Path:
    """Where the coded corpus is: ``teaching`` in the seeds folder, or that of this repository."""
    own = Path(os.environ.get(SEEDS_VARIABLE, "../seeds")) / "teaching"
    return own if own.is_dir() else Path("../seeds/teaching")


def study_coding() -> Path | None:
    """The human coding of the texts under study, ``article-coding.csv``, or None without one."""
    own = Path(os.environ.get(SEEDS_VARIABLE, "../seeds")) / "article-coding.csv"
    return own if own.is_file() else None
