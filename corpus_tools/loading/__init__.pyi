from .dates import (
    parse_date,
    parse_dates,
)
from .encodings import (
    decode_text,
)
from .formats import (
    extract_article,
    parse_byline,
)
from .records import (
    Rejected,
    SourceFile,
    Unreadable,
)
from .sources import (
    find_files,
    read_rows,
)

__all__ = [
    "Rejected",
    "SourceFile",
    "Unreadable",
    "decode_text",
    "extract_article",
    "find_files",
    "parse_byline",
    "parse_date",
    "parse_dates",
    "read_rows",
]
