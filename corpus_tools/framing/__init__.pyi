from .agreement import (
    calibration_curve,
    krippendorff_alpha,
    macro_f1,
    overall_alpha,
    score_coder,
)
from .annotations import (
    GoldStandard,
    open_gold,
    read_annotations,
    select_coder,
)
from .codebook import (
    Codebook,
    read_codebook,
)
from .coder import (
    Coder,
    code,
    cross_validate,
    cue_coder,
    list_paragraph_frames,
)
from .learned import (
    coder_factory,
    fit_coder,
    fit_from_gold,
)
from .profiles import (
    frame_associations,
    frame_profile,
)
from .refi_qda import (
    read_qdc,
    write_qdc,
)
from .rules import (
    find_cues,
)
from .semantic import (
    fit_semantic_coder,
    semantic_coder_factory,
)

__all__ = [
    "Codebook",
    "Coder",
    "GoldStandard",
    "calibration_curve",
    "code",
    "coder_factory",
    "cross_validate",
    "cue_coder",
    "find_cues",
    "fit_coder",
    "fit_from_gold",
    "fit_semantic_coder",
    "frame_associations",
    "frame_profile",
    "krippendorff_alpha",
    "list_paragraph_frames",
    "macro_f1",
    "open_gold",
    "overall_alpha",
    "read_annotations",
    "read_codebook",
    "read_qdc",
    "score_coder",
    "select_coder",
    "semantic_coder_factory",
    "write_qdc",
]
