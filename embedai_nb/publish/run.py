"""Execute the notebook of an issue and export it: all that needs papermill and nbconvert."""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from embedai_nb.errors import PublishError
from embedai_nb.folder import VARIABLE
from embedai_nb.publish import layout
from embedai_nb.publish.cells import findings, shown, tags
from embedai_nb.publish.outcome import Findings
from embedai_nb.publish.sparing import uncollected, without

# Checking IRIs, which no notebook contains, costs a second: a grammar is built when this is imported.
with without("rfc3987_syntax"):
    import nbformat
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import ERROR_MARKER_TAG
    from tqdm.auto import tqdm  # before ipykernel: once that is loaded, it draws widgets instead of a bar

    from embedai_nb.publish.engine import Engine, private
    from embedai_nb.publish.exporters import MarkdownExporter, PageExporter, WechatExporter
    from embedai_nb.publish.fork import ForkEngine

__all__ = ["ENGINES", "FailedRunError", "Made", "make", "preload"]

ENGINES = {"kernel": Engine, "fork": ForkEngine}
EXPORTERS: dict[Callable[[str], str], Any] = {
    layout.markdown: MarkdownExporter,
    layout.page: PageExporter,
    layout.wechat: WechatExporter,
}


class Made(NamedTuple):
    """What a run made: the executed notebook, what it found, and what readers get."""

    notebook: bytes
    findings: Findings
    documents: dict[str, bytes]


class FailedRunError(Exception):
    """A run that ended early; ``notebook`` is what there is to read, ``reason`` what to tell."""

    def __init__(self, notebook: bytes, reason: BaseException) -> None:
        super().__init__(str(reason))
        self.notebook = notebook
        self.reason = reason


def make(folder: Path, date: str, scratch: Path, *, engine: str, timeout: int, progress: bool) -> Made:
    """Execute the notebook for an issue and export it, without touching anything but ``scratch``.

    Args:
        folder: the issues folder.
        date: the issue.
        scratch: an empty folder for what is not to stay.
        engine: one of `ENGINES`.
        timeout: seconds that one cell may take.
        progress: whether to draw a bar on stderr.

    Raises:
        FailedRunError: a cell failed, the kernel died, the time was up, the run was interrupted, or the notebook
            doesn't display what is to be published.
    """
    executed = scratch / "executed.ipynb"
    try:
        with _surroundings(folder, scratch):
            _execute(folder, date, executed, engine=engine, timeout=timeout, progress=progress)
        return _exported(executed.read_bytes(), date)
    except PapermillExecutionError as error:
        raise _failed(executed, error, folder / layout.failed(date)) from error
    except (RuntimeError, NoSuchKernel) as error:
        raise PublishError(
            f"the kernel did not start: {error}", remedy="see whether `jupyter kernelspec list` names python3"
        ) from error
    except PublishError as error:
        error.path = folder / layout.failed(date)
        raise FailedRunError(executed.read_bytes(), error) from error


def _execute(folder: Path, date: str, executed: Path, *, engine: str, timeout: int, progress: bool) -> None:
    if engine == "fork":
        preload()
    connection = str(executed.with_name("kernel.json"))  # in /tmp, its default, it would outlive a run that is killed
    papermill_engines.register(f"embedai-{engine}", ENGINES[engine])
    papermill.execute_notebook(
        _literal(layout.notebook()),
        _literal(executed),
        parameters={"DATE": date},
        engine_name=f"embedai-{engine}",
        request_save_on_cell_execute=False,
        progress_bar=progress,
        execution_timeout=timeout,
        cwd=folder,
        config=private(connection_file=connection),
    )


def preload() -> None:
    """Import what the notebook does, and start no thread, after which nothing can be forked."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with uncollected():
        importlib.import_module("embedai_nb.review")
    tqdm.monitor_interval = 0


def _exported(notebook: bytes, date: str) -> Made:
    nb = nbformat.reads(notebook.decode(), as_version=4)
    found = findings(nb)
    if found is None:
        raise PublishError("no cell says how many findings there are", remedy="let it display review.findings(edition)")
    wanted = {name: exporter() for name, exporter in EXPORTERS.items() if name is not layout.wechat or _has_article(nb)}
    documents = {name(date): exporter.from_notebook_node(nb)[0].encode() for name, exporter in wanted.items()}
    return Made(notebook, found, documents)


def _has_article(nb: nbformat.NotebookNode) -> bool:
    """Whether there is an article for WeChat, which not every newsletter has."""
    return shown(nb, WechatExporter.tag, WechatExporter.kind) is not None


def _failed(executed: Path, error: PapermillExecutionError, kept: Path) -> FailedRunError:
    """What went wrong in which cell, and the notebook as papermill left it, which marks that cell."""
    nb = nbformat.read(executed, as_version=4)
    # Papermill put one mark at the top, where the cells were counted, and another before the cell.
    cell = nb.cells[error.cell_index + 2]
    for number, mark in enumerate(cell for cell in nb.cells if ERROR_MARKER_TAG in tags(cell)):
        mark["id"] = f"error-mark-{number}"
    notebook = nbformat.writes(nb).encode()
    if error.ename == KeyboardInterrupt.__name__:
        return FailedRunError(notebook, KeyboardInterrupt())
    last = f"{error.ename}: {error.evalue}".strip().splitlines()[-1]
    return FailedRunError(notebook, PublishError(f"cell `{cell.id}` failed: {last}", path=kept, remedy="read it there"))


def _literal(path: Path) -> str:
    """The path as papermill takes it: it replaces parameters in braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


@contextmanager
def _surroundings(folder: Path, scratch: Path) -> Iterator[None]:
    """What the notebook finds: this issues folder, and none of the settings that a person has for IPython.

    Papermill and nbclient log what we report as errors.
    """
    logger = logging.getLogger("papermill")
    level = logger.level
    with _variables({VARIABLE: str(folder), "IPYTHONDIR": str(scratch / "ipython")}):
        logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            logger.setLevel(level)


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
