"""Work on a Dask cluster, whose workers see the same files.

A worker that dies is survived: Dask gives its tasks to another, and a task writes the same bytes
whoever runs it. Results come in the order of the tasks, so the corpus is that of one machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from corpus_tools.errors import BadInput

SCHEDULER_TIMEOUT = 10  # seconds for a scheduler to answer


class Cluster:
    """A connection to a Dask scheduler, which runs the functions that it is handed.

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
            self._client = Client(address, timeout=SCHEDULER_TIMEOUT)
        except (OSError, ValueError) as error:
            raise BadInput(f"no Dask scheduler answers at {address} ({error}).") from None

    def close(self) -> None:
        """Close the connection; the cluster goes on."""
        self._client.close()

    def stage(
        self,
        parts: Iterable[Any],
        read: Callable[[Any], Iterable[Any]],
        process: Callable[[Any], Any],
    ) -> Iterator[Any]:
        """Read the parts and process their batches, several parts at a time."""
        for results in self.apply(partial(_read_and_process, read=read, process=process), parts):
            yield from results

    def apply(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """Apply a function to each task, in order."""
        # Not pure: a task that writes files must run again in a later build.
        futures = self._client.map(work, list(tasks), pure=False)
        while futures:
            yield futures[0].result()
            del futures[0]


def _read_and_process(
    part: Any, *, read: Callable[[Any], Iterable[Any]], process: Callable[[Any], Any]
) -> list[Any]:
    return [process(batch) for batch in read(part)]
