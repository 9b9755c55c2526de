"""Commands for the website: build it, preview it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from embedai_nb.cli.group import Folder, commands, fail, short
from embedai_nb.cli.progress_bar import progress_bar
from embedai_nb.cli.translated_help import option
from embedai_nb.i18n import _
from embedai_nb.workspace import layout


@commands.command()
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    default=layout.SITE,
    show_default=True,
    help="Output folder; replaced as a whole.",
)
@option("--url", help="Base URL of the site (default: site_url in newsletter.yaml).")
@click.pass_obj
def site(folder: Folder, out: Path, url: str | None) -> int:
    """Build the website of all published issues.

    Writes pages, feeds, search index and sitemap; what has not changed stays.  An issue whose file has conflict markers
    is left out, and the exit status is 1.
    """
    from embedai_nb.site.up_to_date import built_state

    if state := built_state(folder.path, out.absolute(), url):
        click.echo(_("{path} is up to date, issues: {count}", path=short(out), count=state.issues))
        _hint_at_address(state.address)
        return 0
    from embedai_nb.site.build import build_site

    with progress_bar(_("site")) as show:
        built = build_site(folder.path, out.absolute(), url, on_progress=show)
    click.echo(_("wrote {path}, issues: {count}", path=short(built.folder), count=built.issues))
    _hint_at_address(built.address)
    if built.not_drawn:
        click.secho(built.not_drawn, fg="yellow", err=True)
    return max((fail(str(error), error.exit_status) for error in built.unmerged), default=0)


def _hint_at_address(address: str) -> None:
    if not address:
        click.secho(
            _("no feeds, sitemap and canonical links: set site_url in newsletter.yaml, or --url"), fg="yellow", err=True
        )


@commands.command()
@option("--since", default="", metavar="DATE", help="Only issues from this day on.")
@option("--until", default="", metavar="DATE", help="Only issues up to this day.")
@option("--timeout", type=click.IntRange(1), default=120, show_default=True, help="Seconds that a cell may take.")
@click.pass_obj
def trends(folder: Folder, since: str, until: str, timeout: int) -> None:
    """Execute the notebook about the whole archive.

    It becomes a page of the site: sections, sources, words, ages of papers, companies, dead links, repetitions.
    """
    from embedai_nb.publish.trends import execute_trends

    with progress_bar(_("trends")) as show:
        path = execute_trends(folder.running_path, since, until, timeout=timeout, on_progress=show)
    click.echo(_("wrote {path}; it is a page of the site after: embedai site", path=short(path)))


@commands.command()
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.pass_obj
def serve(folder: Folder, port: int) -> None:
    """Preview the website, drafts included, with live reload."""
    from embedai_nb.site.serve import serve_site

    serve_site(folder.path, port, click.echo, partial(progress_bar, _("site")))
