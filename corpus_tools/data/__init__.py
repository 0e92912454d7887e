"""Word lists, patterns and codebooks, each entry with its gloss and source, as data files."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl


@cache
def read_table(name: str) -> pl.DataFrame:
    """A table of this folder.

    Args:
        name: Its file name without ``.csv``.

    >>> read_table("months").columns
    ['name', 'month', 'where']
    """
    return pl.read_csv((files(__name__) / f"{name}.csv").read_bytes())


@cache
def read_toml(name: str) -> dict[str, Any]:
    """A TOML file of this folder.

    Args:
        name: Its file name without ``.toml``.
    """
    return tomllib.loads((files(__name__) / f"{name}.toml").read_text("utf-8"))
