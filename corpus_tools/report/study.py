"""What the notebooks study: which corpus, compared with which reference, with which random seed."""

from __future__ import annotations

import os
from pathlib import Path

STUDY_SEED = 0  # seed of every random choice in the notebooks
SEEDS_VARIABLE = "CORPUS_TOOLS_SEEDS"  # names the folder of the corpus under study, if not ../seeds
CORPUS_VARIABLE = "CORPUS_TOOLS_CORPUS"  # names the same corpus, if it has been built already


def _seeds() -> Path:
    return Path(os.environ.get(SEEDS_VARIABLE, "../seeds"))


def _own_or_shipped(name: str) -> Path:
    own = _seeds() / name
    return own if own.is_dir() else Path("../seeds") / name


def study_texts() -> Path:
    """The texts under study, for `corpus_tools.corpus.build.read_corpus`.

    A corpus that was built from them already; otherwise ``article`` in the seeds folder, or the
    folder itself.
    """
    if CORPUS_VARIABLE in os.environ:
        return Path(os.environ[CORPUS_VARIABLE])
    return texts_in(_seeds())


def texts_in(seeds: Path) -> Path:
    """The texts in a seeds folder: its folder ``article``, or the folder itself."""
    return seeds / "article" if (seeds / "article").is_dir() else seeds


def study_reference() -> Path:
    """The reference corpus: ``press`` in the seeds folder, or the one of this repository."""
    return _own_or_shipped("press")


def study_gold() -> Path:
    """The coded corpus: ``teaching`` in the seeds folder, or the one of this repository."""
    return _own_or_shipped("teaching")


def study_coding() -> Path | None:
    """The human coding of the texts under study, ``article-coding.csv``, or None without one."""
    own = _seeds() / "article-coding.csv"
    return own if own.is_file() else None
