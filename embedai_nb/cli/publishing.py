"""Commands that publish an issue, or print it as it would be published."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from embedai_nb.cli.group import Folder, commands, running_options, short
from embedai_nb.cli.streams import required
from embedai_nb.i18n import _
from embedai_nb.workspace import layout

COPIES = ("zhihu", "juejin", "csdn")
"""The names of `embedai_nb.communities.COPIES`, whose import takes longer than most commands."""


@commands.command()
@click.argument("date")
@running_options
@click.pass_obj
def issue(folder: Folder, /, date: str, **options: Any) -> int:
    """Publish an issue: execute its notebook, check it, export it.

    Writes review/DATE.ipynb always, and archive/DATE.md, .html and .wechat.html unless a finding is an error.
    """
    from embedai_nb.publish.issue import Options, publish
    from embedai_nb.text.dates import parse_date

    path = folder.running_path
    outcome = publish(path, parse_date(date), Options(**options), progress=sys.stderr.isatty())
    return _tell(outcome, path)


def _tell(outcome: Any, folder: Path) -> int:
    """Say what was written and what to do next."""
    notebook = short(folder / layout.review(outcome.date))
    errors, warnings, notes = outcome.findings
    counts = f"errors: {errors}, warnings: {warnings}, notes: {notes}"
    if outcome.up_to_date:
        click.echo(f"{outcome.date} is up to date ({counts})")
    else:
        for name in outcome.written:
            click.echo(f"wrote {short(folder / name)}")
        click.echo(f"{outcome.date}: {counts}")
    if outcome.published:
        click.secho(f"published; reviewers read {notebook}", fg="green")
        return 0
    click.secho(f"not published; embedai check {outcome.date} lists what to mend, {notebook} shows it", fg="red")
    return 1


@commands.command()
@click.argument("date")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "html", "wechat", "email", *COPIES, "json"]),
    default="markdown",
    show_default=True,
    help="Output format.",
)
@click.pass_obj
def show(folder: Folder, date: str, form: str) -> None:
    """Print an issue as it would be published.

    The format wechat is a page to copy the article from, email a message ready to send, json the draft; zhihu a page
    to copy from, juejin and csdn Markdown, for the editors there, which ask for the title by itself.
    """
    edition = folder.edition(date)
    if form == "json":
        text = json.dumps(edition.draft.issue.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    elif form == "html":
        from embedai_nb.html.page import render

        text = render(edition.issue, edition.newsletter)
    elif form == "wechat":
        from embedai_nb.wechat.article import render as render_article

        text = render_article(edition.issue, edition.newsletter)
    elif form == "email":
        from embedai_nb.html.email import CLIPPED, html_bytes, message

        text = message(edition.issue, edition.newsletter)
        if (size := html_bytes(edition.issue, edition.newsletter)) > CLIPPED:
            note = f"the message has {size:,} bytes of HTML; Gmail hides what follows the first {CLIPPED:,}"
            click.secho(note, fg="yellow", err=True)
    elif form in COPIES:
        from embedai_nb.communities import printed
        from embedai_nb.html.page import title

        text = printed(form, edition.issue, edition.newsletter)
        click.echo(_("title: {title}", title=title(edition.issue, edition.newsletter)), err=True)
    else:
        text = edition.markdown
    with required():
        click.echo(text, nl=False)


@commands.command()
@click.argument("date")
@click.option(
    "--cover",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Cover image (default: cover.jpg or cover.png in the issues folder).",
)
@click.option("--full-title", is_flag=True, help="Send up to 64 characters of title, instead of the 32 documented.")
@click.pass_obj
def wechat(folder: Folder, date: str, cover: Path | None, full_title: bool) -> None:
    """Upload an issue to the draft box of a WeChat account.

    Publish it there by hand.  $WECHAT_APPID and $WECHAT_SECRET are the account's credentials.  Replaces the draft
    that was uploaded before.
    """
    from embedai_nb.capture.fetch import Fetcher
    from embedai_nb.channels.wechat.client import API, Credentials, WeChatClient
    from embedai_nb.channels.wechat.upload import upload

    edition, fetcher = folder.edition(date), Fetcher()
    with WeChatClient(Credentials.of(os.environ), API) as client:
        sent = upload(edition, client, lambda url: fetcher.get(url).body, cover, full_title=full_title)
    if sent.title != sent.whole_title:
        click.echo(
            f"the title was shortened to {len(sent.title)} characters, --full-title sends more: {sent.title}", err=True
        )
    done = "is in the draft box" if sent.added else "has been replaced in the draft box"
    click.echo(f"{date} {done} (pictures: {sent.pictures}); look at it and publish it at https://mp.weixin.qq.com")
