import polars as pl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from corpus_tools.report.figures import plot_dots, plot_grid, render_png, show_figure
from corpus_tools.report.tables import (
    NOTEBOOK_VARIABLE,
    RESULTS_VARIABLE,
    add_gloss,
    format_cell,
    show_concordance,
    show_table,
)


@pytest.fixture
def shown(monkeypatch):
    bundles = []
    for module in ("tables", "figures"):
        target = f"corpus_tools.report.{module}.display"
        monkeypatch.setattr(target, lambda bundle, **_: bundles.append(bundle))
    return bundles


def test_a_table_is_shown_as_html_and_as_plain_text(shown):
    show_table(pl.DataFrame({"word": ["أمن"], "share": [0.123]}), "Title", note="Note.")
    (bundle,) = shown
    assert bundle["text/plain"] == "Title\nword | share\nأمن | 0.12\nNote."
    assert '<td dir="rtl" lang="ar"' in bundle["text/html"] and "Note." in bundle["text/html"]


def test_what_a_text_says_cannot_become_markup(shown):
    show_table(pl.DataFrame({"<b>": ["<script>alert(1)</script>"]}), "<i>")
    assert "<script>" not in shown[0]["text/html"] and "&lt;script&gt;" in shown[0]["text/html"]


def test_a_concordance_runs_from_right_to_left_with_what_precedes_first(shown):
    row = {"paragraph": 3, "before": "قبل ", "node": "الأمن", "after": " بعد"}
    show_concordance(pl.DataFrame([row]), "Lines")
    html = shown[0]["text/html"]
    assert '<table dir="rtl"' in html
    assert html.index("قبل") < html.index("الأمن") < html.index("بعد")  # first in rtl is right
    assert "paragraph 3 | قبل [الأمن] بعد" in shown[0]["text/plain"]
    assert "the security" in shown[0]["text/plain"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (1234, "1,234"), (-0.001, "0.00"), (True, "yes"), (["ا", "ب"], "ا · ب")],
)
def test_cells(value, text):
    assert format_cell(value, 2) == text


def test_results_are_collected_where_a_folder_is_named(shown, tmp_path, monkeypatch):
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    monkeypatch.setenv(NOTEBOOK_VARIABLE, "05_framing")
    table = pl.DataFrame({"frame": ["threat"], "cues": [["أ", "ب"]]})
    show_table(table, "Frames: all")
    show_table(table, "Frames: all")
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == [
        "05_framing-frames-2.csv",
        "05_framing-frames.csv",
    ]
    assert (tmp_path / "tables" / "05_framing-frames.csv").read_text(
        "utf-8"
    ) == "frame,cues\nthreat,أ; ب\n"


def test_glosses_are_in_normal_form_and_each_word_has_one():
    table = pl.read_csv("corpus_tools/data/glosses.csv")
    assert table["word"].is_duplicated().sum() == 0
    assert sum(table.null_count().row(0)) == 0
    assert add_gloss(table.select("word"))["gloss"].null_count() == 0


def test_every_word_of_the_seed_article_has_a_gloss(seed):
    words = seed.vocabulary.filter(pl.col("kind") == "word").select("surface")
    assert add_gloss(words, "surface")["gloss"].null_count() == 0


DATA = pl.DataFrame(
    {"name": ["القيادة", "الإنجاز"], "share": [0.3, 0.1], "low": [0.2, 0.0], "high": [0.5, 0.2]}
)


def test_a_figure_is_shown_with_the_data_that_it_plots(shown, tmp_path, monkeypatch):
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    figure = plot_dots(DATA, label="name", value="share", title="Shares", xlabel="share")
    show_figure(figure, DATA, "Shares")
    assert shown[0]["text/plain"].splitlines()[2] == "القيادة | 0.30 | 0.20 | 0.50"
    assert shown[0]["image/png"].startswith(b"\x89PNG")
    assert {path.suffix for path in (tmp_path / "figures").iterdir()} == {".png", ".svg"}


def test_the_dots_stand_where_the_data_say():
    figure = plot_dots(DATA, label="name", value="share", title="Shares", xlabel="share")
    (axes,) = figure.axes
    (line,) = axes.lines[:1]
    assert line.get_xdata().tolist() == [0.3, 0.1] and line.get_ydata().tolist() == [1, 0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["القيادة", "الإنجاز"]


def test_the_same_data_draw_the_same_bytes():
    draw = lambda: render_png(plot_dots(DATA, label="name", value="share", title="", xlabel=""))  # noqa: E731
    assert draw() == draw()


def test_arabic_letters_are_joined_and_nothing_is_cut_off():
    # Joined, the word is narrower than its letters one by one; and every label is on the canvas.
    figure = plot_dots(DATA, label="name", value="share", title="القيادة", xlabel="x")
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    box = figure.axes[0].get_yticklabels()[0].get_window_extent(renderer)
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width
    apart = figure.text(0, 0, "\u200c".join("القيادة"))
    joined = figure.text(0, 0, "القيادة")
    assert joined.get_window_extent(renderer).width < apart.get_window_extent(renderer).width


def test_a_grid_marks_the_pairs_of_its_table():
    marks = pl.DataFrame({"row": [0, 1], "column": [2, 0]})
    names = {"ylabels": ["أ", "ب"], "xlabels": ["0", "1", "2"]}
    figure = plot_grid(marks, row="row", column="column", title="t", xlabel="x", **names)
    assert figure.axes[0].collections[0].get_offsets().tolist() == [[2, 0], [0, 1]]
