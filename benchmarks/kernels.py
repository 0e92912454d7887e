"""Do the commands print the same under other kernels of OpenBLAS? Exits with 1 if one does not.

Run by ``make kernels``; SkylakeX needs a processor with AVX-512.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

KERNELS = ("Haswell", "SkylakeX", "Zen", "Prescott")
SEEDS = Path(__file__).parents[1] / "seeds"


def printed(kernel: str, folder: Path) -> str:
    """Everything that the commands print about the press and the seed article."""
    cli, vectors = Path(sys.executable).with_name("corpus-tools"), folder / "press.safetensors"
    commands = [
        ("embed", SEEDS / "press", "--out", vectors),
        *(("neighbours", vectors, word) for word in ("الأمن", "الإرهاب", "المواطن", "حقوق")),
        ("evaluate", vectors),
        ("axes", vectors, SEEDS / "teaching" / "articles"),
        ("frames", SEEDS / "article", "--coder", "learned", "--gold", SEEDS / "teaching"),
    ]
    settings = os.environ | {"OPENBLAS_CORETYPE": kernel}
    told = [
        subprocess.run(
            [cli, *command, "--json"], env=settings, check=True, capture_output=True, text=True
        ).stdout
        for command in commands
    ]
    return re.sub(r'"seconds": [\d.]+', "", "".join(told))


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        outputs = {kernel: printed(kernel, Path(place)) for kernel in KERNELS}
    first = outputs[KERNELS[0]]
    for kernel, output in outputs.items():
        pairs = zip(first.splitlines(), output.splitlines(), strict=True)
        moved = [(a, b) for a, b in pairs if a != b]
        print(f"{kernel}: {len(first.splitlines())} lines, {len(moved)} moved", *moved, sep="\n  ")
    sys.exit(any(output != first for output in outputs.values()))


if __name__ == "__main__":
    main()
