"""The entry point: all commands, and what becomes of an error."""

from __future__ import annotations

import json
import sys

from corpus_tools.cli import (  # noqa: F401  (each adds its commands)
    corpus_commands,
    discourse_commands,
    embedding_commands,
    framing_commands,
    report_commands,
)
from corpus_tools.cli.console import app
from corpus_tools.errors import BadInput, InsufficientEvidence


def main() -> None:
    """Run the command; an error becomes one sentence and an exit status."""
    try:
        app()
    except BrokenPipeError:  # the reader has seen enough, as in `| head`
        sys.stderr.close()
        sys.exit(0)
    except (BadInput, InsufficientEvidence, OSError) as error:
        sentence = str(error)
        if isinstance(error, OSError) and error.strerror:
            sentence = f"{error.filename}: {error.strerror}."
        print(f"corpus-tools: {sentence}", file=sys.stderr)
        if "--json" in sys.argv:
            print(json.dumps({"error": sentence}, ensure_ascii=False))
        sys.exit(2 if isinstance(error, BadInput) else 1)
