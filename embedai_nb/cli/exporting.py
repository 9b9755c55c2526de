"""The command that exports the archive as a table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from embedai_nb.cli.catalogue_progress import open_catalogue
from embedai_nb.cli.group import Folder, commands, short
from embedai_nb.cli.streams import required
from embedai_nb.cli.translated_help import option
from embedai_nb.i18n import _

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "parquet", "jsonl")


@commands.command()
@option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@option("--warmups", is_flag=True, help="Export the warm-ups instead of the items.")
@option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write this file; else stdout.",
)
@click.pass_obj
def export(folder: Folder, /, form: str, out: Path | None, *, warmups: bool) -> None:
    """Export all items of all issues as a table, one row an item.

    docs/trends.md documents the columns.  Lists are joined by "; " in CSV.
    """
    from embedai_nb.catalogue import table as tables

    open_catalogue(folder.path).close()
    table = (tables.warmups if warmups else tables.archive)(folder.path)
    data = _encoded(table, form)
    if out is not None:
        from embedai_nb.workspace.atomic import write_atomically

        write_atomically(out, data)
        click.echo(_("wrote {path}, rows: {count}", path=short(out.absolute()), count=len(table)), err=True)
        return
    with required():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _encoded(table: pd.DataFrame, form: str) -> bytes:
    if form == "parquet":
        return _parquet(table)
    plain = table.assign(date=table["date"].dt.strftime("%Y-%m-%d"))
    if form == "jsonl":
        return plain.to_json(orient="records", lines=True, force_ascii=False).encode()
    lists = [name for name in ("tags", "labels") if name in plain]
    joined = plain.assign(**{name: plain[name].map("; ".join) for name in lists})
    return joined.to_csv(index=False, lineterminator="\n").encode("utf-8", "replace")


def _parquet(table: pd.DataFrame) -> bytes:
    """Parquet, by pyarrow, which is large and needed here alone."""
    from io import BytesIO

    from embedai_nb.errors import UsageError

    buffer = BytesIO()
    try:
        table.to_parquet(buffer, engine="pyarrow", index=False)
    except ImportError:
        remedy = _('pip install "embedai-nb[parquet]", or take csv or jsonl')
        raise UsageError(_("parquet needs pyarrow, which is not installed"), field="--format", remedy=remedy) from None
    return buffer.getvalue()
