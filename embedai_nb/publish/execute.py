"""Execute the notebook of an issue and export it: all that needs papermill and nbconvert."""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from embedai_nb.checks.plugin_rules import load_rules
from embedai_nb.edition import Edition, preloaded
from embedai_nb.errors import EmbedAIError, PublishError
from embedai_nb.i18n import N_, _
from embedai_nb.publish.cell_outputs import displayed, finding_counts, tags
from embedai_nb.publish.fast_imports import entry_points_hidden, gc_paused, import_blocked, imported_lazily
from embedai_nb.publish.options import OnProgress, Options
from embedai_nb.publish.outcome import FindingCounts
from embedai_nb.workspace import layout
from embedai_nb.workspace.locate import VARIABLE, issue_notebook

# What checks IRIs, addresses, times and durations in JSON, of which the schema of notebooks has none: the first builds a grammar in a second.
# And what papermill reads HDFS with, which starts threads: then this process could not be forked.
# It reads notebooks from web servers, too, with requests: there is none here.
with (
    import_blocked("rfc3987_syntax", "rfc3986_validator", "rfc3339_validator", "isoduration", "pyarrow"),
    imported_lazily("requests"),
    entry_points_hidden(),
):
    import nbformat
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import ERROR_MARKER_TAG
    from papermill.iorw import papermill_io
    from tqdm.auto import tqdm  # before ipykernel: once that is loaded, it draws widgets instead of a bar

    from embedai_nb.publish.engines.kernel import Engine, kernel_config
    from embedai_nb.publish.exporters import MarkdownExporter, PageExporter, WechatExporter

logger = logging.getLogger(__name__)

__all__ = [
    "ExecutionResult",
    "FailedRunError",
    "engine",
    "execute",
    "in_kernel",
    "preload",
    "rehearse",
    "run_notebook",
    "warm_up",
]

EXPORTERS: dict[Callable[[str], str], Any] = {
    layout.markdown: MarkdownExporter,
    layout.page: PageExporter,
    layout.wechat: WechatExporter,
}


MORE_MEMORY = N_("--memory, or cell_memory in newsletter.yaml, allows a cell more")
"""What to do about a MemoryError, of which Python says nothing."""


NEEDED = (
    "embedai_nb.review",
    "embedai_nb.compose",
    "embedai_nb.catalogue.past_issues",
    "embedai_nb.checks.link_status",
)
"""What the notebook and `embedai_nb.edition.Edition` import, the latter only when it is asked for a part."""


class ExecutionResult(NamedTuple):
    """The executed notebook, the findings it counts, and the documents that readers get, by their file names."""

    notebook: bytes
    findings: FindingCounts
    documents: dict[str, bytes]


class FailedRunError(Exception):
    """A run ended early; ``notebook`` shows how far it came, ``reason`` is the error to report."""

    def __init__(self, notebook: bytes, reason: BaseException) -> None:
        super().__init__(str(reason))
        self.notebook = notebook
        self.reason = reason


def execute(edition: Edition, options: Options, *, on_progress: OnProgress | None = None) -> ExecutionResult:
    """Execute the notebook for an issue and export it; no file outside the cache is touched.

    Args:
        edition: the issue.
        options: how its notebook runs; where this process can't be forked, a kernel executes it in any case.
        on_progress: called whenever a cell is done.

    Raises:
        FailedRunError: a cell failed, the kernel died, the time was up, the run was interrupted, or the notebook
            doesn't display what is to be published.
    """
    date, executed = str(edition.draft.date), _EXECUTED
    executed.content = b""
    failed = edition.folder / layout.failed(date)
    began = time.monotonic()
    load_rules(edition.newsletter)  # which may start a thread; then this process can't be forked
    run = _in_fork(edition) if options.engine == "fork" and _can_fork() else in_kernel(edition.folder, date)
    try:
        with run as engine_options:
            nb = run_notebook(
                issue_notebook(),
                {"DATE": date},
                cwd=edition.folder,
                execution_timeout=options.timeout,
                memory=options.memory or edition.newsletter.cell_memory,
                on_progress=on_progress,
                **engine_options,
            )
        logger.info(
            "%s: executed the notebook (%s) in %.2f s", date, engine_options["engine_name"], time.monotonic() - began
        )
        return _exported(nb, executed.content, date)
    except PapermillExecutionError as error:
        raise _failed(executed.content, error, failed) from error
    except (RuntimeError, NoSuchKernel) as error:
        raise PublishError(
            _("the kernel did not start: {error}", error=str(error)),
            remedy=_("see whether `jupyter kernelspec list` names python3"),
        ) from error
    except PublishError as error:
        error.path = failed
        raise FailedRunError(executed.content, error) from error


def run_notebook(path: Path, parameters: Mapping[str, str], **options: Any) -> nbformat.NotebookNode:
    """Execute a notebook by papermill, without saving it.

    Args:
        path: the notebook.
        parameters: its parameters.
        options: of papermill, with those of an engine.

    Raises:
        PapermillExecutionError: a cell failed.
    """
    with _quiet():
        nb: nbformat.NotebookNode = papermill.execute_notebook(
            _literal(str(path)),
            _EXECUTED.name,
            dict(parameters),
            progress_bar=False,
            request_save_on_cell_execute=False,
            **options,
        )
    return nb


def engine(name: str) -> type[Engine]:
    """Import an engine when it is used: ``fork`` relies on parts of ipykernel that may be missing."""
    if name == "kernel":
        return Engine
    from embedai_nb.publish.engines.fork import ForkEngine

    return ForkEngine


def _can_fork() -> bool:
    from embedai_nb.publish.engines.process_tree import can_fork

    return can_fork()


@contextmanager
def _in_fork(edition: Edition) -> Iterator[dict[str, Any]]:
    """Options of papermill for running the cells in a forked process, which inherits this edition."""
    preload()
    _ = edition.past  # loaded here, where a catalogue may be open
    with _variables({VARIABLE: str(edition.folder)}), preloaded(edition):
        yield {"engine_name": _registered("fork")}


@contextmanager
def in_kernel(folder: Path, date: str) -> Iterator[dict[str, Any]]:
    """Options of papermill for running the cells in a kernel that reads none of the user's settings."""
    with (
        _scratch(folder / layout.CACHE / "scratch" / date) as scratch,
        _variables({VARIABLE: str(folder), "IPYTHONDIR": str(scratch / "ipython")}),
    ):
        # In /tmp, its default, the connection file would outlive a run that is killed.
        yield {
            "engine_name": _registered("kernel"),
            "config": kernel_config(scratch / "kernel.json"),
        }


def _registered(name: str) -> str:
    """Register an engine with papermill, and give the name it is registered under."""
    papermill_engines.register(registered := f"embedai-{name}", engine(name))
    return registered


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """Make an empty folder and remove it; first also what a killed run left of it."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class _Executed:
    """Papermill I/O handler that saves the notebook in memory."""

    name = "embedai-memory://executed.ipynb"
    content = b""

    def write(self, text: str, path: str) -> None:
        """Save a notebook."""
        del path
        self.content = text.encode()

    def pretty_path(self, path: str) -> str:
        """The path as papermill logs it."""
        return path


_EXECUTED = _Executed()
papermill_io.register(_Executed.name, _EXECUTED)


def preload() -> None:
    """Import what the notebook imports, without starting a thread, after which this process can't be forked."""
    with gc_paused():
        for name in NEEDED:
            importlib.import_module(name)
    tqdm.monitor_interval = 0


def warm_up(edition: Edition) -> None:
    """Display an issue as the notebook does, so that forked processes inherit compiled templates, parsers and patterns."""
    from embedai_nb import review

    with suppress(Exception):  # the cell that raises it again reports it
        review.verdict(edition)
        review.items(edition)
        review.history(edition)
        review.page(edition)
        review.wechat(edition)
        review.archive(edition)


def rehearse(edition: Edition, options: Options) -> None:
    """Execute and export an issue for nobody, so that forked processes inherit all that this loads and compiles.

    Raises:
        KeyboardInterrupt: it was interrupted.
    """
    warm_up(edition)
    try:
        execute(edition, options)
    except FailedRunError as failed:
        if isinstance(failed.reason, KeyboardInterrupt):
            raise failed.reason from None
    except EmbedAIError:  # as any other failure, it is reported when the issue is published
        pass


def _exported(nb: nbformat.NotebookNode, content: bytes, date: str) -> ExecutionResult:
    found = finding_counts(nb)
    if found is None:
        raise PublishError(
            _("no cell says how many findings there are"), remedy=_("let it display review.verdict(edition)")
        )
    wanted = [name for name in EXPORTERS if name is not layout.wechat or _has_article(nb)]
    return ExecutionResult(content, found, {name(date): _document(nb, _exporter(name)) for name in wanted})


def _document(nb: nbformat.NotebookNode, exporter: Any) -> bytes:
    """Export a notebook; without the cells that the exporter ignores, of which nbconvert would make several copies."""
    relevant = nbformat.NotebookNode(nb, cells=[cell for cell in nb.cells if exporter.tag in tags(cell)])
    text: str = exporter.from_notebook_node(relevant)[0]
    return text.encode()


@cache
def _exporter(name: Callable[[str], str]) -> Any:
    return EXPORTERS[name]()


def _has_article(nb: nbformat.NotebookNode) -> bool:
    """Whether there is an article for WeChat, which not every newsletter has."""
    return displayed(nb, WechatExporter.tag, WechatExporter.mime_type) is not None


def _failed(executed: bytes, error: PapermillExecutionError, kept: Path) -> FailedRunError:
    """Report the cell that failed, with the notebook as papermill left it, which marks that cell."""
    nb = nbformat.reads(executed.decode(), as_version=4)
    # Papermill put one mark at the top, where the cells were counted, and another before the cell.
    cell = nb.cells[error.cell_index + 2]
    for number, mark in enumerate(cell for cell in nb.cells if ERROR_MARKER_TAG in tags(cell)):
        mark["id"] = f"error-mark-{number}"
    notebook = nbformat.writes(nb).encode()
    if error.ename == KeyboardInterrupt.__name__:
        return FailedRunError(notebook, KeyboardInterrupt())
    said = error.evalue or (_(MORE_MEMORY) if error.ename == MemoryError.__name__ else "")
    last = f"{error.ename}: {said}".strip().splitlines()[-1]
    return FailedRunError(
        notebook,
        PublishError(_("cell `{id}` failed: {last}", id=cell.id, last=last), path=kept, remedy=_("read it there")),
    )


def _literal(path: str) -> str:
    """Escape a path for papermill, which replaces parameters in braces."""
    return path.replace("{", "{{").replace("}", "}}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Mute papermill's log: what it says is reported as an error."""
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
