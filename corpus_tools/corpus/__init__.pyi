from .build import (
    build_corpus,
    read_corpus,
)
from .cleaning import (
    find_boilerplate,
    repair_texts,
)
from .corpus import (
    Corpus,
)
from .documents import (
    quarantine_reasons,
)
from .near_duplicates import (
    count_shared_reports,
    find_near_duplicates,
    fold_near_duplicates,
    save_near_duplicates,
)
from .storage import (
    is_corpus,
    open_corpus,
    save_corpus,
    save_form,
)
from .tokens import (
    TOKEN_KINDS,
    tokenize,
)

__all__ = [
    "TOKEN_KINDS",
    "Corpus",
    "build_corpus",
    "count_shared_reports",
    "find_boilerplate",
    "find_near_duplicates",
    "fold_near_duplicates",
    "is_corpus",
    "open_corpus",
    "quarantine_reasons",
    "read_corpus",
    "repair_texts",
    "save_corpus",
    "save_form",
    "save_near_duplicates",
    "tokenize",
]
