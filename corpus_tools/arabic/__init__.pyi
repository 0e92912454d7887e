from .forms import (
    add_form,
    add_spelling,
    flag_stopwords,
    stem_types,
)
from .inflection import (
    clitic_forms,
    inflect,
)
from .lemmas import (
    lemmatize,
)
from .spelling import (
    NORMAL_STEPS,
    STEPS,
    fold_spelling,
    normalize,
)

__all__ = [
    "NORMAL_STEPS",
    "STEPS",
    "add_form",
    "add_spelling",
    "clitic_forms",
    "flag_stopwords",
    "fold_spelling",
    "inflect",
    "lemmatize",
    "normalize",
    "stem_types",
]
