import json
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from places import ROOT

from corpus_tools.errors import BadInput
from corpus_tools.report.reproduce import reproduce_notebooks


def small_notebooks(folder):
    """Two small notebooks, of which the first fails, and the digest."""
    folder.mkdir()
    cells = {
        "01_fails": ["raise ValueError('no such <word>')"],
        "02_runs": [
            "import polars as pl\nimport corpus_tools as ct\nfrom corpus_tools import report\n"
            "texts = ct.read_corpus(report.study_texts())\n"
            "report.show_table(pl.DataFrame({'n': [texts.documents.height]}), 'Texts')",
            "data = pl.DataFrame({'name': ['أمن'], 'n': [1.0]})\n"
            "figure = report.plot_dots(data, label='name', value='n', title='T', xlabel='n')\n"
            "report.show_figure(figure, data, 'T')",
        ],
        "findings": ["print('نعم')"],
    }
    for name, sources in cells.items():
        code = [new_code_cell(source) for source in sources]
        book = new_notebook(cells=[new_markdown_cell(f"# Question {name}?"), *code])
        nbformat.write(book, folder / f"{name}.ipynb")
    return folder


@pytest.fixture
def notebooks(tmp_path):
    return small_notebooks(tmp_path / "notebooks")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reproduce")
    notebooks, out = small_notebooks(folder / "notebooks"), folder / "results"
    seeds = ROOT / "seeds" / "article"
    runs = reproduce_notebooks(seeds, out, notebooks=notebooks, progress=False)
    return out, runs


def test_if_a_notebook_fails_the_rest_still_run(results):
    _, runs = results
    assert [(run.name, run.error) for run in runs] == [
        ("01_fails", "ValueError: no such <word>"),
        ("02_runs", None),
        ("findings", None),
    ]


def test_the_page_says_which_failed_and_why(results):
    page = (results[0] / "index.html").read_text("utf-8")
    assert "2 of 3 notebooks ran. Failed: 01_fails." in page
    assert "This notebook failed: ValueError: no such &lt;word&gt;" in page


def test_the_page_needs_no_network_and_runs_arabic_from_right_to_left(results):
    page = (results[0] / "index.html").read_text("utf-8")
    loaded = re.findall(r'(?:src|href)="(?!#|data:)([^"]*)"', page) + re.findall(
        r"url\((?!data:)", page
    )
    assert loaded == [] and "<script" not in page
    assert "unicode-bidi: plaintext" in page


def test_tables_figures_and_notebooks_are_written(results):
    out, _ = results
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert written == [
        "figures/02_runs-t.png",
        "figures/02_runs-t.svg",
        "index.html",
        "manifest.json",
        "notebooks/01_fails.ipynb",
        "notebooks/02_runs.ipynb",
        "notebooks/findings.ipynb",
        "tables/02_runs-texts.csv",
    ]


def test_the_manifest_names_inputs_outputs_versions_and_seed(results):
    out, _ = results
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["seed"] == 0 and {"python", "polars", "gensim"} <= set(manifest["versions"])
    assert len(manifest["inputs"]["000_f222ddbe4d105493.txt"]) == 64
    assert "index.html" in manifest["outputs"] and "manifest.json" not in manifest["outputs"]
    assert manifest["notebooks"]["01_fails"].startswith("ValueError")


def test_running_again_replaces_the_results_and_gives_the_same(results):
    out, _ = results
    notebooks = out.parent / "notebooks"
    first = json.loads((out / "manifest.json").read_text("utf-8"))
    (out / "tables" / "old.csv").write_text("from an earlier run")
    reproduce_notebooks(ROOT / "seeds" / "article", out, notebooks=notebooks, progress=False)
    again = json.loads((out / "manifest.json").read_text("utf-8"))
    assert first["outputs"] == again["outputs"]


def test_a_folder_of_other_things_is_left_alone(notebooks, tmp_path):
    with pytest.raises(BadInput, match="holds other things"):
        reproduce_notebooks(ROOT / "seeds" / "article", tmp_path, notebooks=notebooks)
    assert (notebooks / "findings.ipynb").exists()
    with pytest.raises(BadInput, match="holds no notebooks"):
        reproduce_notebooks(ROOT / "seeds" / "article", tmp_path / "out", notebooks=tmp_path / "no")


def test_storing_writes_outputs_into_the_notebooks_in_readable_arabic(notebooks, tmp_path):
    seeds = ROOT / "seeds" / "article"
    reproduce_notebooks(seeds, tmp_path / "r", notebooks=notebooks, store=True, progress=False)
    raw = (notebooks / "findings.ipynb").read_text("utf-8")
    assert "نعم" in raw and str(tmp_path) not in raw
    assert "iopub." not in raw  # no timings
    assert (
        "version" not in json.loads(raw)["metadata"]["language_info"]
    )  # nor this Python's version
    assert (
        json.loads((notebooks / "01_fails.ipynb").read_text("utf-8"))["cells"][1]["outputs"] == []
    )
