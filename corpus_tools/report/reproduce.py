"""Runs the notebooks in order and collects the results: notebooks, tables, figures, one page."""

from __future__ import annotations

import hashlib
import html
import os
import platform
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter
from tqdm import tqdm

from corpus_tools.corpus.build import read_corpus
from corpus_tools.corpus.storage import save_corpus
from corpus_tools.errors import BadInput
from corpus_tools.files import write_json, write_whole
from corpus_tools.report.study import CORPUS_VARIABLE, SEEDS_VARIABLE, STUDY_SEED, texts_in
from corpus_tools.report.tables import NOTEBOOK_VARIABLE, RESULTS_VARIABLE

VERSIONED_PACKAGES = (
    "gensim",
    "matplotlib",
    "numpy",
    "polars",
    "pyarabic",
    "qalsadi",
    "scipy",
)
_NOTEBOOKS = "0*.ipynb", "findings.ipynb"


@dataclass(frozen=True)
class NotebookRun:
    """A notebook after its run; `error` is the reason if it failed."""

    name: str
    notebook: nbformat.NotebookNode
    error: str | None


def reproduce_notebooks(
    seeds: str | Path = "seeds",
    out: str | Path = "results",
    *,
    notebooks: str | Path = "notebooks",
    store: bool = False,
    progress: bool = True,
) -> list[NotebookRun]:
    """Run all notebooks on a corpus and write the results into a folder.

    If one fails the others still run, and the page says which failed and why.

    Args:
        seeds: The corpus: a folder like ``seeds`` of this repository, or a folder of texts.
        out: Where to write ``notebooks``, ``tables``, ``figures``, ``index.html`` and
            ``manifest.json``; the results of an earlier run are replaced.
        notebooks: The folder of notebooks.
        store: Whether to store the outputs in the notebooks themselves too.
        progress: Show a progress bar on standard error.

    Returns:
        The notebooks in order, as they were run.

    Raises:
        BadInput: The seeds or the notebooks are missing or cannot be read, or `out` is a folder
            that this function did not write.
    """
    source, place, folder = Path(seeds), Path(out), Path(notebooks)
    names = [path for pattern in _NOTEBOOKS for path in sorted(folder.glob(pattern))]
    if not names:
        raise BadInput(f"{folder} holds no notebooks: run this from the top of the repository.")
    if not _may_replace(place):
        raise BadInput(f"{place} holds other things: name another folder, or empty it.")
    with tempfile.TemporaryDirectory() as built:
        # Built once for all notebooks; what is wrong with it is said before anything is removed.
        corpus = Path(built, "corpus")
        save_corpus(read_corpus(texts_in(source)), corpus)
        return _run_all(names, source, corpus, place, store=store, progress=progress)


def _run_all(
    names: Sequence[Path], source: Path, corpus: Path, place: Path, *, store: bool, progress: bool
) -> list[NotebookRun]:
    shutil.rmtree(place, ignore_errors=True)
    (place / "notebooks").mkdir(parents=True)
    write_json({"notebooks": "not finished"}, place / "manifest.json")
    runs = []
    bar = tqdm(names, unit=" notebooks", disable=not progress)
    for path in bar:
        bar.set_postfix_str(path.stem)
        run = run_notebook(path, source, corpus, place)
        nbformat.write(run.notebook, place / "notebooks" / path.name)
        if store and run.error is None:
            nbformat.write(run.notebook, path)
        runs.append(run)
    with write_whole(place / "index.html") as beside:
        beside.write_text(render_results(runs, source), encoding="utf-8")
    write_json(describe_results(runs, source, place), place / "manifest.json")
    return runs


def _may_replace(place: Path) -> bool:
    """Whether a folder may be replaced: it is missing, empty, or from an earlier run."""
    if not place.exists():
        return True
    if place.is_file() or not any(place.iterdir()):
        return place.is_dir()
    manifest = place / "manifest.json"
    return manifest.is_file() and '"notebooks"' in manifest.read_text("utf-8")


def run_notebook(path: Path, seeds: Path, corpus: Path, results: Path) -> NotebookRun:
    """Run one notebook from its first to its last cell, in its own folder."""
    notebook = nbformat.read(path, as_version=4)
    settings = {
        SEEDS_VARIABLE: str(seeds.resolve()),
        CORPUS_VARIABLE: str(corpus),
        RESULTS_VARIABLE: str(results.resolve()),
        NOTEBOOK_VARIABLE: path.stem,
    }
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
        # Only errors: it would warn of its local port in the middle of the progress bar.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    error = None
    try:
        client.execute(env=os.environ | settings)
    except CellExecutionError as failure:
        error = f"{failure.ename}: {failure.evalue}"
    except (CellTimeoutError, DeadKernelError) as failure:
        error = f"{type(failure).__name__}: {failure}"
    # The version of Python would change with each reader's machine and says nothing here.
    notebook.metadata.get("language_info", {}).pop("version", None)
    return NotebookRun(path.stem, notebook, error)


def notebook_title(notebook: nbformat.NotebookNode) -> str:
    """The first heading of a notebook."""
    lines = (line for cell in notebook.cells for line in cell.source.splitlines())
    return next((line.lstrip("# ") for line in lines if line.startswith("#")), "")


def render_results(runs: Sequence[NotebookRun], seeds: Path) -> str:
    """One HTML page with all notebooks, readable offline, Arabic from right to left."""
    exporter = HTMLExporter(template_name="basic")
    sections, links = [], []
    for run in runs:
        body, _ = exporter.from_notebook_node(run.notebook)
        failed = (
            f'<p class="failed">This notebook failed: {html.escape(run.error)}</p>'
            if run.error
            else ""
        )
        sections.append(f'<section id="{run.name}">{failed}{body}</section>')
        mark = ' <span class="failed">failed</span>' if run.error else ""
        links.append(
            f'<li><a href="#{run.name}">{html.escape(notebook_title(run.notebook))}</a>{mark}</li>'
        )
    failures = [run.name for run in runs if run.error]
    state = f"{len(runs) - len(failures)} of {len(runs)} notebooks ran." + (
        f" Failed: {', '.join(failures)}." if failures else ""
    )
    return _PAGE.format(
        code=HtmlFormatter(style="default").get_style_defs(".highlight"),
        state=html.escape(state),
        seeds=html.escape(seeds.name),
        links="".join(links),
        sections="\n".join(sections),
    )


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Arabic journalism on security: results</title>
<style>
body {{ font: 16px/1.55 system-ui, "DejaVu Sans", sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; color: #222; }}
p, li, td, th, h1, h2, h3, blockquote {{ unicode-bidi: plaintext; }}
section {{ border-top: 3px solid #1b4965; margin-top: 3rem; }}
.failed {{ color: #fff; background: #a33; padding: 0.1em 0.5em; }}
.highlight pre {{ background: #f6f8fa; padding: 0.7em; overflow-x: auto; font-size: 14px; }}
.jp-InputPrompt, .jp-OutputPrompt, .prompt, .anchor-link {{ display: none; }}
.output_area, .jp-OutputArea-output {{ overflow-x: auto; }}
.output_area pre, .jp-OutputArea-output pre, .output_text pre {{ white-space: pre-wrap; }}
img {{ max-width: 100%; }}
table {{ font-size: 15px; }}
{code}
</style>
</head>
<body>
<h1>How Arabic-language journalism writes about security: results</h1>
<p>{state} Corpus: {seeds}. The prose was written about the seed article of this project. With
another corpus, tables and figures are about that corpus, and what is said of "the seed article" is
not. Scores describe features of a text. They say nothing about intent, truth or the author's
independence.</p>
<ol>{links}</ol>
{sections}
</body>
</html>
"""


def describe_results(runs: Sequence[NotebookRun], seeds: Path, results: Path) -> dict[str, Any]:
    """Inputs and outputs by hash, with the versions and the seed."""
    return {
        "seed": STUDY_SEED,
        "versions": {
            "corpus-tools": version("corpus-tools"),
            "python": platform.python_version(),
            **{name: version(name) for name in VERSIONED_PACKAGES},
        },
        "notebooks": {run.name: run.error or "ran through" for run in runs},
        "inputs": _hashes(seeds),
        "outputs": {n: h for n, h in _hashes(results).items() if n != "manifest.json"},
    }


def _hashes(folder: Path) -> dict[str, str]:
    paths = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.is_file())
    return {
        (path.name if path == folder else path.relative_to(folder).as_posix()): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in paths
    }
