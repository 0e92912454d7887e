"""The command for discourse indicators."""

from __future__ import annotations

import corpus_tools as ct
from corpus_tools.cli.console import Articles, Json, app, read_source, show_rows


@app.command()
def discourse(source: Articles, as_json: Json = False) -> None:
    """Count the discourse indicators of every document, with the lines that they rest on."""
    for document in ct.discourse.report_indicators(read_source(source)):
        if as_json:
            show_rows([document], as_json)
            continue
        for indicator, found in document["indicators"].items():
            row = {"document": document["document"], "indicator": indicator}
            row |= {key: found[key] for key in ("count", "rate")}
            show_rows([row | {"categories": str(found["categories"])}], as_json)
