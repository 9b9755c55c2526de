"""Begin a newsletter; ask for what is not given, where somebody is there to be asked."""

from __future__ import annotations

import datetime
import os
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from embedai_nb.cli.group import Folder, commands, short
from embedai_nb.cli.translated_help import option
from embedai_nb.errors import UsageError
from embedai_nb.i18n import _, user_language

if TYPE_CHECKING:
    from embedai_nb.init import Begun

LANGUAGES = ("zh-CN", "en")
SEPARATORS = re.compile("[,;\uff0c\uff1b\u3001]")
"""Between names in a list: commas and semicolons, Chinese ones too."""


@commands.command("init")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=".")
@option("--name", metavar="TEXT", help="Name of the newsletter; asked for in a terminal, else needed.")
@option("--language", type=click.Choice(LANGUAGES), help="Its language (default: yours).")
@option("--sections", metavar="A,B,C", help="Its sections (default: four usual ones).")
@option("--example/--no-example", default=None, help="Fill in the first draft as an example (default: no).")
@option("--notebook", is_flag=True, help="Copy the notebook that makes issues, to be changed.")
@option("--github/--no-github", default=True, help="Write workflows and a development container (default: yes).")
@click.pass_obj
def init(issues: Folder, /, folder: Path, **given: Any) -> None:
    """Begin a newsletter in DIR, or in the working folder.

    Writes its settings, a first draft, a README, and the workflows that check pull requests and publish on GitHub Pages.
    In a terminal, asks for what is not given.  Overwrites nothing.
    """
    from embedai_nb.init import NewNewsletter, begin
    from embedai_nb.workspace.locate import working_folder

    if issues.named:
        remedy = _("name the folder behind it: embedai init DIR; it gets an issues folder")
        raise UsageError(_("is not for this command"), field="--issues", remedy=remedy)
    folder = folder if folder.is_absolute() else working_folder() / folder
    if sys.stdin.isatty() and sys.stderr.isatty():
        given = _asked(folder, given)
    wanted = NewNewsletter(
        name=_name(given["name"]),
        language=given["language"] or _users_language(),
        sections=_sections(given["sections"] or ""),
        example=bool(given["example"]),
        notebook=given["notebook"],
        github=given["github"],
    )
    today = datetime.datetime.now().astimezone().date()
    _tell(begin(folder, wanted, today), folder)


def _asked(folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    """The options, and answers in place of those that are missing."""
    from embedai_nb.init import default_sections

    said = dict(given)
    if None in given.values():
        click.secho(_("A new newsletter in {folder}", folder=folder), bold=True, err=True)
    if given["name"] is None:
        said["name"] = click.prompt(_("Name"), err=True)
    if given["language"] is None:
        choice = click.Choice(LANGUAGES)
        said["language"] = click.prompt(_("Language"), default=_users_language(), type=choice, err=True)
    if given["sections"] is None:
        usual = ", ".join(style.name for style in default_sections(said["language"]))
        said["sections"] = click.prompt(_("Sections, separated by commas"), default=usual, err=True)
    if given["example"] is None:
        said["example"] = click.confirm(_("Fill in the first issue as an example"), default=True, err=True)
    return said


def _name(text: str | None) -> str:
    name = " ".join((text or "").split())
    if not name:
        remedy = _("give it: embedai init --name 'My newsletter'")
        raise UsageError(_("the newsletter needs a name"), field="--name", remedy=remedy)
    return name


def _sections(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(str.strip, SEPARATORS.split(text)))))


def _users_language() -> str:
    return "zh-CN" if user_language().lower().startswith("zh") else "en"


def _tell(begun: Begun, folder: Path) -> None:
    """List what was written, and the commands that come next."""
    from embedai_nb.workspace.locate import VARIABLE

    for path in sorted(map(short, begun.files), key=lambda path: (path.startswith(".") or "/." in path, path)):
        click.echo(_("wrote {path}", path=path))
    there = [] if folder.resolve() == Path.cwd() else [f"cd {shlex.quote(short(folder))}"]
    click.secho(_("Next:"), bold=True)
    for command in (*there, f"embedai edit {begun.date}", f"embedai issue {begun.date}", "embedai site"):
        click.echo(f"  {command}")
    if os.environ.get(VARIABLE):
        said = _(
            "the environment names another issues folder: {folder}; first: unset {variable}",
            folder=os.environ[VARIABLE],
            variable=VARIABLE,
        )
        click.secho(said, fg="yellow", err=True)
