"""What nbval compares in the notebooks here, and how much of it there is."""

from collections import Counter

import pytest

# HTML changes with its making, not with what it says: the plain text beside it is compared.
NOT_COMPARED = ("text/html",)


def pytest_collectstart(collector):
    if collector.fspath and collector.fspath.ext == ".ipynb":
        collector.skip_compare += NOT_COMPARED


def pytest_collection_modifyitems(config, items):
    cells = [item.cell for item in items if hasattr(item, "cell")]
    config.notebook_cells = Counter(set_aside(cell) or "compared" for cell in cells)


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):  # one of several processes, which all collect all
        session.config.workeroutput["notebook_cells"] = dict(session.config.notebook_cells)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.notebook_cells = Counter(node.workeroutput["notebook_cells"])


def set_aside(cell):
    """Why the outputs of a code cell are not compared, or None where they are."""
    if not cell.outputs:
        return "no output: it only prepares what the next cells show"
    kinds = {kind for output in cell.outputs for kind in output.get("data", {"text": ""})}
    if kinds <= {"text/html", "image/png", "image/svg+xml"}:
        return "only a picture or HTML"
    return None


def pytest_terminal_summary(terminalreporter, config):
    counts = getattr(config, "notebook_cells", Counter())
    if counts:
        compared = counts.pop("compared", 0)
        terminalreporter.write_line(f"notebook cells compared: {compared}")
        for reason, number in sorted(counts.items()):
            terminalreporter.write_line(f"notebook cells set aside: {number} ({reason})")
