"""Execute the notebook of an issue and export it: all that needs papermill and nbconvert."""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from embedai_nb.edition import Edition, at_hand
from embedai_nb.errors import PublishError
from embedai_nb.publish.cells import findings, shown, tags
from embedai_nb.publish.lazy_imports import uncollected, without
from embedai_nb.publish.outcome import Findings
from embedai_nb.workspace import layout
from embedai_nb.workspace.locate import VARIABLE

# Checking IRIs, which no notebook contains, costs a second: a grammar is built when this is imported.
with without("rfc3987_syntax"):
    import nbformat
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import ERROR_MARKER_TAG
    from papermill.iorw import papermill_io
    from tqdm.auto import tqdm  # before ipykernel: once that is loaded, it draws widgets instead of a bar

    from embedai_nb.publish.engines.fork import ForkEngine
    from embedai_nb.publish.engines.kernel import Engine, private
    from embedai_nb.publish.engines.process_tree import possible
    from embedai_nb.publish.exporters import MarkdownExporter, PageExporter, WechatExporter

logger = logging.getLogger(__name__)

__all__ = ["ENGINES", "FailedRunError", "Made", "make", "preload"]

ENGINES = {"kernel": Engine, "fork": ForkEngine}
EXPORTERS: dict[Callable[[str], str], Any] = {
    layout.markdown: MarkdownExporter,
    layout.page: PageExporter,
    layout.wechat: WechatExporter,
}

Told = Callable[[int, int], None]


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


def make(edition: Edition, *, engine: str, timeout: int, progress: bool, told: Told | None = None) -> Made:
    """Execute the notebook for an issue and export it; of all files only those in the cache are touched meanwhile.

    Args:
        edition: the issue.
        engine: one of `ENGINES`; where nothing can be forked, it is a kernel in any case.
        timeout: seconds that one cell may take.
        progress: whether to draw a bar on stderr.
        told: is called with the cells that are done and those there are, whenever one is.

    Raises:
        FailedRunError: a cell failed, the kernel died, the time was up, the run was interrupted, or the notebook
            doesn't display what is to be published.
    """
    date, executed = str(edition.draft.date), _EXECUTED
    executed.content = b""
    failed = edition.folder / layout.failed(date)
    began = time.monotonic()
    running = _forked(edition) if engine == "fork" and possible() else _in_kernel(edition.folder, date)
    try:
        with _quiet(), running as options:
            nb = papermill.execute_notebook(
                _literal(str(layout.notebook())),
                executed.name,
                parameters={"DATE": date},
                request_save_on_cell_execute=False,
                progress_bar=progress,
                execution_timeout=timeout,
                cwd=edition.folder,
                told=told,
                **options,
            )
        logger.info("%s: executed the notebook (%s) in %.2f s", date, options["engine_name"], time.monotonic() - began)
        return _exported(nb, executed.content, date)
    except PapermillExecutionError as error:
        raise _failed(executed.content, error, failed) from error
    except (RuntimeError, NoSuchKernel) as error:
        raise PublishError(
            f"the kernel did not start: {error}", remedy="see whether `jupyter kernelspec list` names python3"
        ) from error
    except PublishError as error:
        error.path = failed
        raise FailedRunError(executed.content, error) from error


@contextmanager
def _forked(edition: Edition) -> Iterator[dict[str, Any]]:
    """Options of papermill, with which the cells run in a process that has this edition at hand."""
    preload()
    _ = edition.past  # asked for here, where a catalogue may be open
    with _variables({VARIABLE: str(edition.folder)}), at_hand(edition):
        yield {"engine_name": _registered("fork")}


@contextmanager
def _in_kernel(folder: Path, date: str) -> Iterator[dict[str, Any]]:
    """Options of papermill, with which the cells run in a kernel that knows none of a person's settings."""
    with (
        _scratch(folder / layout.CACHE / "scratch" / date) as scratch,
        _variables({VARIABLE: str(folder), "IPYTHONDIR": str(scratch / "ipython")}),
    ):
        # In /tmp, its default, the connection file would outlive a run that is killed.
        yield {"engine_name": _registered("kernel"), "config": private(connection_file=str(scratch / "kernel.json"))}


def _registered(engine: str) -> str:
    """The name under which papermill knows the engine."""
    name = f"embedai-{engine}"
    papermill_engines.register(name, ENGINES[engine])
    return name


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """An empty folder, emptied again; a run that was killed could not do that."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class _Executed:
    """Where papermill saves the notebook: in memory, by its interface for other places than files."""

    name = "embedai-memory://executed.ipynb"
    content = b""

    def write(self, text: str, path: str) -> None:
        """Save a notebook."""
        del path
        self.content = text.encode()

    def pretty_path(self, path: str) -> str:
        """As it stands in logs."""
        return path


_EXECUTED = _Executed()
papermill_io.register(_Executed.name, _EXECUTED)


def preload() -> None:
    """Import what the notebook does, and start no thread, after which nothing can be forked."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with uncollected():
        importlib.import_module("embedai_nb.review")
    tqdm.monitor_interval = 0


def _exported(nb: nbformat.NotebookNode, content: bytes, date: str) -> Made:
    found = findings(nb)
    if found is None:
        raise PublishError("no cell says how many findings there are", remedy="let it display review.verdict(edition)")
    wanted = [name for name in EXPORTERS if name is not layout.wechat or _has_article(nb)]
    return Made(content, found, {name(date): _document(nb, _exporter(name)) for name in wanted})


def _document(nb: nbformat.NotebookNode, exporter: Any) -> bytes:
    """What an exporter makes of the notebook; of what it doesn't look at, nbconvert needn't make several copies."""
    looked_at = nbformat.NotebookNode(nb, cells=[cell for cell in nb.cells if exporter.tag in tags(cell)])
    text: str = exporter.from_notebook_node(looked_at)[0]
    return text.encode()


@cache
def _exporter(name: Callable[[str], str]) -> Any:
    return EXPORTERS[name]()


def _has_article(nb: nbformat.NotebookNode) -> bool:
    """Whether there is an article for WeChat, which not every newsletter has."""
    return shown(nb, WechatExporter.tag, WechatExporter.kind) is not None


def _failed(executed: bytes, error: PapermillExecutionError, kept: Path) -> FailedRunError:
    """What went wrong in which cell, and the notebook as papermill left it, which marks that cell."""
    nb = nbformat.reads(executed.decode(), as_version=4)
    # Papermill put one mark at the top, where the cells were counted, and another before the cell.
    cell = nb.cells[error.cell_index + 2]
    for number, mark in enumerate(cell for cell in nb.cells if ERROR_MARKER_TAG in tags(cell)):
        mark["id"] = f"error-mark-{number}"
    notebook = nbformat.writes(nb).encode()
    if error.ename == KeyboardInterrupt.__name__:
        return FailedRunError(notebook, KeyboardInterrupt())
    last = f"{error.ename}: {error.evalue}".strip().splitlines()[-1]
    return FailedRunError(notebook, PublishError(f"cell `{cell.id}` failed: {last}", path=kept, remedy="read it there"))


def _literal(path: str) -> str:
    """The path as papermill takes it: it replaces parameters in braces."""
    return path.replace("{", "{{").replace("}", "}}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Papermill and nbclient log what we report as errors."""
    papermill_logger = logging.getLogger("papermill")
    level = papermill_logger.level
    papermill_logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        papermill_logger.setLevel(level)


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
