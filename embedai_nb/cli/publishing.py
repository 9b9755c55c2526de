"""Commands that publish an issue, or print it as it would be published."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from embedai_nb.cli.date_argument import date_argument
from embedai_nb.cli.group import Folder, commands, counts, running_options, short
from embedai_nb.cli.json_output import json_option, outcome_json, print_json
from embedai_nb.cli.progress_bar import progress_bar
from embedai_nb.cli.streams import required
from embedai_nb.cli.translated_help import option
from embedai_nb.i18n import _
from embedai_nb.workspace import layout

COPIES = ("zhihu", "juejin", "csdn")
"""The names of `embedai_nb.communities.COPIES`, whose import takes longer than most commands."""

CONSOLE = "https://mp.weixin.qq.com"


class FormatChoice(click.Choice[str]):
    """An output format, built in or of a plug-in that newsletter.yaml names."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the name of a format."""
        if value not in self.choices and ctx and ctx.obj and _of_plugin(ctx.obj, value):
            return value
        return super().convert(value, param, ctx)


def _of_plugin(folder: Folder, name: str) -> bool:
    from embedai_nb.communities import find_copy
    from embedai_nb.drafts import load_newsletter

    return find_copy(name, load_newsletter(folder.path / layout.NEWSLETTER)) is not None


@commands.command()
@date_argument
@running_options
@json_option
@click.pass_obj
def issue(folder: Folder, /, date: str, form: str, **options: Any) -> int:
    """Publish an issue: execute its notebook, check it, export it.

    Writes review/DATE.ipynb always, and archive/DATE.md, .html and .wechat.html unless a finding is an error.
    """
    from embedai_nb.publish.issue import Options, publish
    from embedai_nb.text.dates import parse_date

    path, day = folder.running_path, parse_date(date)
    with progress_bar(str(day)) as show:
        outcome = publish(path, day, Options(**options), on_progress=show)
    if form == "json":
        print_json(outcome_json(outcome))
        return int(not outcome.published)
    return _tell(outcome, path)


def _tell(outcome: Any, folder: Path) -> int:
    """Say what was written and what to do next."""
    notebook = short(folder / layout.review(outcome.date))
    if outcome.up_to_date:
        click.echo(_("{date} is up to date ({counts})", date=outcome.date, counts=counts(outcome)))
    else:
        for name in outcome.written:
            click.echo(_("wrote {path}", path=short(folder / name)))
        click.echo(f"{outcome.date}: {counts(outcome)}")
    if outcome.published:
        click.secho(_("published; reviewers read {notebook}", notebook=notebook), fg="green")
        return 0
    click.secho(
        _(
            "not published; embedai check {date} lists what to mend, {notebook} shows it",
            date=outcome.date,
            notebook=notebook,
        ),
        fg="red",
    )
    return 1


@commands.command()
@date_argument
@option(
    "--format",
    "form",
    type=FormatChoice(["markdown", "html", "wechat", "email", *COPIES, "json"]),
    default="markdown",
    show_default=True,
    help="Output format, or that of a plug-in.",
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
            note = _(
                "the message has {size:,} bytes of HTML; Gmail hides what follows the first {limit:,}",
                size=size,
                limit=CLIPPED,
            )
            click.secho(note, fg="yellow", err=True)
    elif form == "markdown":
        text = edition.markdown
    else:
        from embedai_nb.communities import printed
        from embedai_nb.html.page import title

        text = printed(form, edition.issue, edition.newsletter)
        click.echo(_("title: {title}", title=title(edition.issue, edition.newsletter)), err=True)
    with required():
        click.echo(text, nl=False)


@commands.command()
@date_argument
@option(
    "--cover",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Cover image (default: cover.jpg or cover.png in the issues folder).",
)
@option("--full-title", is_flag=True, help="Send up to 64 characters of title, instead of the 32 documented.")
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
            _(
                "the title was shortened to {count} characters, --full-title sends more: {title}",
                count=len(sent.title),
                title=sent.title,
            ),
            err=True,
        )
    added = _("{date} is in the draft box (pictures: {pictures})", date=date, pictures=sent.pictures)
    replaced = _("{date} has been replaced in the draft box (pictures: {pictures})", date=date, pictures=sent.pictures)
    click.echo(_("{done}; look at it and publish it at {url}", done=added if sent.added else replaced, url=CONSOLE))
