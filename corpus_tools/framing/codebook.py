"""Codebooks: the frames that a paragraph can carry, the rules for each, and the words that mark it.

The package's own codebook is ``data/frames.toml``; a codebook of your own in the same form is
checked and used instead. Codebooks of NVivo, ATLAS.ti and MAXQDA are exchanged by
`corpus_tools.framing.refi_qda`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.data import read_toml
from corpus_tools.errors import BadInput
from corpus_tools.framing.refi_qda import read_qdc

# What a frame may hold, and of what kind; the first five it must.
FRAME_FIELDS: dict[str, type] = {
    "name": str,
    "arabic": str,
    "english": str,
    "definition": str,
    "source": str,
    "include": list,
    "exclude": list,
    "example": dict,
    "counterexample": dict,
    "survives_negation": bool,
    "cues": list,
}
REQUIRED_FIELDS = tuple(FRAME_FIELDS)[:5]


@dataclass(frozen=True)
class Codebook:
    """A codebook as two tables.

    Attributes:
        frames: One row per frame, in the order of the file: ``frame`` (its name), ``arabic``,
            ``english``, ``definition``, ``source``, ``include`` and ``exclude`` (lists of rules),
            ``example``, ``example_gloss``, ``counterexample``, ``counterexample_gloss``,
            ``survives_negation``.
        cues: One row per cue: ``frame``, ``cue``, ``gloss``, ``weight``.
    """

    frames: pl.DataFrame
    cues: pl.DataFrame

    @property
    def names(self) -> list[str]:
        """The names of the frames, in the order of the file."""
        return self.frames["frame"].to_list()


def read_codebook(path: str | Path | None = None) -> Codebook:
    """Read a codebook: the package's own, or one of your own in the same form.

    Args:
        path: A TOML file of ``[[frame]]`` tables, each with ``name``, ``arabic``, ``english``,
            ``definition`` and ``source``, and optionally ``include`` and ``exclude`` (lists of
            rules), ``example`` and ``counterexample`` (``{ar, en}``), ``survives_negation`` and
            ``cues`` (a list of ``{ar, en, weight}``). Or a REFI-QDA codebook (``.qdc``).

    Raises:
        BadInput: The file is missing or not TOML, or a frame lacks a field or has an unknown one.

    >>> book = read_codebook()
    >>> book.names[:3], book.cues.filter(pl.col("cue") == "نجاح")["gloss"].item()
    (['achievement', 'crime_control', 'counter_terrorism'], 'success')
    """
    if path is not None and Path(path).suffix.lower() == ".qdc":
        return parse_codebook(read_qdc(path), str(path))
    if path is None:
        return parse_codebook(read_toml("frames")["frame"], "frames.toml")
    source = Path(path)
    try:
        frames = tomllib.loads(source.read_bytes().decode("utf-8"))["frame"]
    except (FileNotFoundError, IsADirectoryError):
        raise BadInput(f"{source} is not a file: name a codebook file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{source} is not TOML ({error}): correct that line.") from None
    except KeyError:
        raise BadInput(f"{source} holds no frame: write at least one [[frame]].") from None
    return parse_codebook(frames, str(source))


def parse_codebook(frames: Any, source: str) -> Codebook:
    """A codebook from the content of a file.

    Args:
        frames: A list of frames, each a dict of `FRAME_FIELDS`.
        source: Where they are from, for the message.

    Raises:
        BadInput: Something is wrong with a frame; the message says what.
    """
    if not isinstance(frames, list) or not frames:
        raise BadInput(f"{source} holds no frame: write at least one [[frame]].")
    rows: list[dict[str, Any]] = []
    cues: list[dict[str, Any]] = []
    for number, frame in enumerate(frames, 1):
        name = frame.get("name", number) if isinstance(frame, dict) else number
        problem = _problem(frame)
        if not problem and name in {row["frame"] for row in rows}:
            problem = "occurs twice: give the second another name"
        if problem:
            raise BadInput(f"{source}: frame {name} {problem}.")
        row = {"frame": name} | {key: frame[key] for key in REQUIRED_FIELDS[1:]}
        row |= {key: frame.get(key, []) for key in ("include", "exclude")}
        for key in ("example", "counterexample"):
            row |= {key: frame.get(key, {}).get("ar"), f"{key}_gloss": frame.get(key, {}).get("en")}
        rows.append(row | {"survives_negation": frame.get("survives_negation", False)})
        cues += [
            {"frame": name, "cue": c["ar"], "gloss": c["en"], "weight": float(c.get("weight", 1))}
            for c in frame.get("cues", [])
        ]
    text, rules = pl.String, pl.List(pl.String)
    kinds: dict[str, Any] = dict.fromkeys(rows[0], text) | {"include": rules, "exclude": rules}
    kinds["survives_negation"] = pl.Boolean
    columns = {"frame": text, "cue": text, "gloss": text, "weight": pl.Float64}
    return Codebook(pl.DataFrame(rows, schema=kinds), pl.DataFrame(cues, schema=columns))


def _problem(frame: Any) -> str:
    """What is wrong with a frame, or an empty string."""
    if not isinstance(frame, dict):
        return "is not a table: write [[frame]] and its fields"
    for key in REQUIRED_FIELDS:
        if key not in frame:
            return f"lacks '{key}': add it"
    for key, value in frame.items():
        if key not in FRAME_FIELDS:
            return f"holds the unknown field '{key}': take one of {', '.join(FRAME_FIELDS)}"
        if not isinstance(value, FRAME_FIELDS[key]) or value == "":
            return f"has an invalid '{key}': it should be a {FRAME_FIELDS[key].__name__}"
    if not frame["name"].replace("_", "a").replace("-", "a").isalnum():
        return "has a name with spaces or signs: write letters, digits and _ only"
    seen = set()
    for cue in frame.get("cues", []):
        for key in ("ar", "en"):
            if not isinstance(cue, dict) or not str(cue.get(key, "")).strip("=+* "):
                return f"lacks '{key}' of a cue ({cue}): add it"
        weight = cue.get("weight", 1.0)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < 100:
            return f"has a cue of weight {weight} ({cue['ar']}): take a number above 0"
        if cue["ar"] in seen:
            return f"has the cue {cue['ar']} twice: take one of them out"
        seen.add(cue["ar"])
    return ""
