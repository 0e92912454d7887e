from .frequency import (
    count_words,
    drop_function_words,
    frequency_list,
)
from .keywords import (
    keyness,
    log_likelihood,
    log_ratio,
)
from .kwic import (
    concordance,
    find_phrases,
)

__all__ = [
    "concordance",
    "count_words",
    "drop_function_words",
    "find_phrases",
    "frequency_list",
    "keyness",
    "log_likelihood",
    "log_ratio",
]
