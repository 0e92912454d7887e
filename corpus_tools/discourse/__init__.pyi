from .indicators import (
    find_indicators,
    measure_indicators,
    report_indicators,
)
from .lexicon import (
    speech_forms,
)

__all__ = [
    "find_indicators",
    "measure_indicators",
    "report_indicators",
    "speech_forms",
]
