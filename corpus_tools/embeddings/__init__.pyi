from .alacarte import (
    fit_transformation,
    group_distances,
    group_neighbours,
    sum_contexts,
)
from .associations import (
    sc_weat,
    weat,
)
from .axes import (
    axis_names,
    check_seed_words,
    compare_groups,
    fit_axis,
    frame_axis,
    place_text,
    pole_names,
    pole_words,
    project_words,
    seed_pairs,
    word_contributions,
)
from .bootstrap import (
    bootstrap_gensim,
    bootstrap_ppmi_svd,
    ppmi_svd_ensemble,
)
from .cooccurrence import (
    Cooccurrences,
    collect_contexts,
    count_cooccurrences,
    ppmi,
)
from .evaluation import (
    analogy_pairs,
    evaluate_vectors,
    related_pairs,
)
from .maps import (
    map_words,
)
from .neighbours import (
    MIN_DOCUMENTS,
    MIN_OCCURRENCES,
    judge_neighbours,
    nearest_neighbours,
    stability_curve,
    word_similarities,
)
from .storage import (
    open_vectors,
    save_vectors,
)
from .training import (
    fasttext,
    ppmi_svd,
    word2vec,
)

__all__ = [
    "MIN_DOCUMENTS",
    "MIN_OCCURRENCES",
    "Cooccurrences",
    "analogy_pairs",
    "axis_names",
    "bootstrap_gensim",
    "bootstrap_ppmi_svd",
    "check_seed_words",
    "collect_contexts",
    "compare_groups",
    "count_cooccurrences",
    "evaluate_vectors",
    "fasttext",
    "fit_axis",
    "fit_transformation",
    "frame_axis",
    "group_distances",
    "group_neighbours",
    "judge_neighbours",
    "map_words",
    "nearest_neighbours",
    "open_vectors",
    "place_text",
    "pole_names",
    "pole_words",
    "ppmi",
    "ppmi_svd",
    "ppmi_svd_ensemble",
    "project_words",
    "related_pairs",
    "save_vectors",
    "sc_weat",
    "seed_pairs",
    "stability_curve",
    "sum_contexts",
    "weat",
    "word2vec",
    "word_contributions",
    "word_similarities",
]
