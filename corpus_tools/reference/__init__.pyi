from .build import (
    build_reference,
    concept_words,
    find_security_articles,
    security_words,
)
from .frame_counts import (
    FrameCounts,
    count_frames,
    open_frame_counts,
)
from .reference import (
    Reference,
    filter_by_length,
    open_reference,
)

__all__ = [
    "FrameCounts",
    "Reference",
    "build_reference",
    "concept_words",
    "count_frames",
    "filter_by_length",
    "find_security_articles",
    "open_frame_counts",
    "open_reference",
    "security_words",
]
