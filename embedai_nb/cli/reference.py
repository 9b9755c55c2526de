"""Write the reference of all commands from the commands themselves: ``python -m embedai_nb.cli.reference``.

It stands in `docs/`, in English and in each language that has a catalogue.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from embedai_nb.cli import commands
from embedai_nb.cli.click_messages import speak_users_language
from embedai_nb.cli.group import MODULES
from embedai_nb.cli.translated_help import paragraphs
from embedai_nb.i18n import N_, Translator, languages, translator

__all__ = ["DOCS", "PAGES", "reference"]

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {language: f"commands.{language.replace('_', '-')}.md".replace(".en", "") for language in languages()}
"""The file of each language, in `DOCS`."""

WORDS = {
    "title": N_("Commands"),
    "made": N_(
        "`make reference` makes this page from the commands themselves; `embedai COMMAND --help` prints the same. "
        "[json.md](json.md) documents what `--format json` prints."
    ),
    "all": N_("All commands"),
    "option": N_("option"),
    "meaning": N_("meaning"),
}
TYPED = re.compile(r"(?<![\w-])(--[a-z][a-z-]*|\$[A-Z][A-Z_]*)")
"""An option or a variable in a text."""


def reference(language: str) -> str:
    """The reference in a language, as Markdown."""
    with _users_language(language):
        return "\n\n".join(_parts(translator(language))) + "\n"


@contextmanager
def _users_language(language: str) -> Iterator[None]:
    """Have commands, and click, speak a language as if it were the user's."""
    spoken = os.environ.get("LANGUAGE", "")
    try:
        os.environ["LANGUAGE"] = language
        speak_users_language()
        yield
    finally:
        os.environ["LANGUAGE"] = spoken
        speak_users_language()


def _parts(say: Translator) -> Iterator[str]:
    context = click.Context(commands, info_name="embedai")
    named = [(name, command) for name in MODULES if (command := commands.get_command(context, name))]
    yield f"# {say(WORDS['title'])}"
    yield say(WORDS["made"])
    yield " · ".join(f"[{name}](#embedai-{name})" for name, _command in named)
    yield f"## {say(WORDS['all'])}"
    head = f"| {say(WORDS['option'])} | {say(WORDS['meaning'])} |\n|---|---|"
    yield from _described(commands, context, head)
    yield from (f"```\n{paragraph.strip()}\n```" for paragraph in paragraphs(commands.epilog))
    for name, command in named:
        yield f"## embedai {name}"
        yield from _described(command, click.Context(command, info_name=name, parent=context), head)


def _described(command: click.Command, context: click.Context, head: str) -> Iterator[str]:
    yield f"```\n{context.command_path} {' '.join(command.collect_usage_pieces(context))}\n```"
    yield from map(_prose, paragraphs(command.help or ""))
    records = [option.get_help_record(context) for option in command.params if isinstance(option, click.Option)]
    rows = [f"| `{_cell(name)}` | {_cell(_prose(text))} |" for name, text in filter(None, records)]
    if rows:
        yield "\n".join([head, *rows])


def _prose(text: str) -> str:
    """A text of a help as Markdown: what is typed, in code spans; nothing else is markup."""
    parts = " ".join(text.split()).split("`")
    parts[::2] = [TYPED.sub(r"`\1`", part.replace("<", "&lt;").replace("*", r"\*")) for part in parts[::2]]
    return "`".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    for language, name in PAGES.items():
        (DOCS / name).write_text(reference(language), encoding="utf-8", newline="\n")
