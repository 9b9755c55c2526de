"""Execute the notebook about trends: the same engine as for issues, the same bytes for the same archive."""

from __future__ import annotations

from pathlib import Path

import nbformat
from papermill.exceptions import PapermillExecutionError

from embedai_nb.errors import PublishError, UsageError
from embedai_nb.i18n import _
from embedai_nb.publish.execute import in_kernel, run_notebook
from embedai_nb.publish.options import OnProgress
from embedai_nb.publish.trends_page import trends_page
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout
from embedai_nb.workspace.atomic import write_atomically
from embedai_nb.workspace.locks import lock_file

__all__ = ["execute_trends"]


def execute_trends(
    folder: Path, since: str = "", until: str = "", *, timeout: int = 120, on_progress: OnProgress | None = None
) -> Path:
    """Execute the notebook about trends, and put it into the issues folder, where `embedai site` finds it.

    Args:
        folder: the issues folder.
        since: the first day, YYYY-MM-DD; empty: from the oldest issue on.
        until: the last day; empty: up to the newest issue.
        timeout: seconds that one cell may take.
        on_progress: called whenever a cell is done.

    Raises:
        UsageError: one of them is no day, they are the wrong way round, or matplotlib is not installed.
        PublishError: a cell failed; what was there before stays.
        LockedError: another process is doing the same.
    """
    days = [parse_date(text) for text in (since, until) if text]
    if days != sorted(days):
        raise UsageError(
            _("{since} is later than {until}", since=since, until=until), field="SINCE", remedy=_("exchange them")
        )
    _need_matplotlib()
    with (
        lock_file(folder / layout.lock("trends.lock"), _("trends are being executed")),
        in_kernel(folder, "trends") as run,
    ):
        try:
            parameters = {"SINCE": since, "UNTIL": until}
            nb = run_notebook(
                layout.notebook("trends"),
                parameters,
                cwd=folder,
                execution_timeout=timeout,
                on_progress=on_progress,
                **run,
            )
        except PapermillExecutionError as error:
            said = f"{error.ename}: {error.evalue}".splitlines()[0]
            problem = _("cell {number} failed: {problem}", number=error.cell_index, problem=said)
            raise PublishError(problem, path=layout.notebook("trends")) from error
    if trends_page(nb) is None:
        raise PublishError(
            _("no cell says the title"),
            path=layout.notebook("trends"),
            remedy=_("let it display trends.overview(found)"),
        )
    path = folder / layout.TRENDS
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, nbformat.writes(nb).encode())
    return path


def _need_matplotlib() -> None:
    """Say what lacks before a kernel starts, rather than in a traceback."""
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        remedy = _('pip install "embedai-nb[{extra}]"', extra="trends")
        raise UsageError(_("the plots need matplotlib, which is not installed"), remedy=remedy)
