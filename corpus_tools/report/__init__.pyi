from .figures import (
    plot_axes,
    plot_dots,
    plot_grid,
    plot_line,
    plot_word_map,
    show_figure,
)
from .findings import (
    count_shared_neighbours,
    share_without_speech,
    summarize_cleaning,
    summarize_corpus,
    summarize_discourse,
    summarize_embeddings,
    summarize_framing,
    summarize_words,
)
from .pages import (
    show_annotated,
)
from .reproduce import (
    reproduce_notebooks,
)
from .study import (
    STUDY_SEED,
    study_coding,
    study_gold,
    study_reference,
    study_texts,
)
from .tables import (
    add_gloss,
    check_answer,
    format_interval,
    gloss_words,
    read_glosses,
    show_concordance,
    show_headlines,
    show_table,
)

__all__ = [
    "STUDY_SEED",
    "add_gloss",
    "check_answer",
    "count_shared_neighbours",
    "format_interval",
    "gloss_words",
    "plot_axes",
    "plot_dots",
    "plot_grid",
    "plot_line",
    "plot_word_map",
    "read_glosses",
    "reproduce_notebooks",
    "share_without_speech",
    "show_annotated",
    "show_concordance",
    "show_figure",
    "show_headlines",
    "show_table",
    "study_coding",
    "study_gold",
    "study_reference",
    "study_texts",
    "summarize_cleaning",
    "summarize_corpus",
    "summarize_discourse",
    "summarize_embeddings",
    "summarize_framing",
    "summarize_words",
]
