"""The passes of `corpus_tools.build` on a Dask cluster, whose workers see the same files.

A worker that dies is survived: Dask gives its tasks to another, and a task writes the same bytes
whoever runs it. The order of results is that of the tasks, so the corpus is that of one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from corpus_tools import build, sources
from corpus_tools.errors import BadInput
from corpus_tools.sources import Input

TIMEOUT = 10  # seconds for a scheduler to answer


class Cluster:
    """A connection to a Dask scheduler; what `corpus_tools.build.Here` is to this machine.

    Args:
        address: Of the scheduler, as ``tcp://host:8786``.

    Raises:
        BadInput: Dask is not installed, or no scheduler answers there.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise BadInput(
                "a cluster needs Dask: install it with pip install 'corpus-tools[cluster]'."
            ) from None
        try:
            self._client = Client(address, timeout=TIMEOUT)
        except (OSError, ValueError) as error:
            raise BadInput(f"no Dask scheduler answers at {address} ({error}).") from None

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def stage(
        self, parts: Sequence[tuple[int, list[Input]]], options: dict[str, Any]
    ) -> Iterator[build.Staged]:
        """Read and cut all parts, several at a time."""
        for staged in self._each(_stage, [(number, part, options) for number, part in parts]):
            yield from staged

    def map(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """What work makes of each task, in their order."""
        return self._each(work, list(tasks))

    def _each(self, work: Callable[[Any], Any], tasks: list[Any]) -> Iterator[Any]:
        # Not pure: a task that writes files must run again in a later build.
        futures = self._client.map(work, tasks, pure=False)
        while futures:
            yield futures[0].result()
            del futures[0]


def _stage(task: tuple[int, list[Input], dict[str, Any]]) -> list[build.Staged]:
    number, part, options = task
    return [
        build.stage(batch, folder=options["folder"], **options["judge"])
        for batch in sources.batches(number, part, columns=options["columns"])
    ]
