"""Help in the user's language: translated paragraph by paragraph, when it is shown, and wrapped by columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from inspect import cleandoc
from typing import Any

import click
from click.formatting import HelpFormatter

from embedai_nb.i18n import translator, user_language
from embedai_nb.text.columns import columns

__all__ = ["Command", "Group", "Option", "option", "paragraphs", "translated_help"]

UNWRAPPED = "\b\n"
"""Begins a paragraph that click leaves as it is (click.palletsprojects.com, “Preventing Rewrapping”)."""
PLACEHOLDER = "\ue000"
"""Stands for the second column of a wide character while click counts characters."""
HANGING = re.compile(rf"\n( +)([，。；：、！？）」”]{PLACEHOLDER}?)")
"""Punctuation that may not begin a line."""


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a help text, each without what says how it is wrapped: the messages of a catalogue."""
    return [_unwrapped(each) for each in cleandoc(text).split("\n\n")]


def translated_help(text: str) -> str:
    """Say a help text in the user's language."""
    say = translator(user_language()).template
    prefixes = [UNWRAPPED if each.startswith(UNWRAPPED) else "" for each in cleandoc(text).split("\n\n")]
    return "\n\n".join(prefix + say(each) for prefix, each in zip(prefixes, paragraphs(text), strict=True))


def _unwrapped(paragraph: str) -> str:
    if paragraph.startswith(UNWRAPPED):
        return paragraph.removeprefix(UNWRAPPED)
    return " ".join(paragraph.split("\n"))


class _TranslatedText:
    """A text of a command or an option, in the user's language whenever it is read."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"_untranslated_{name}"

    def __get__(self, instance: Any, owner: type) -> Any:
        text = instance and instance.__dict__.get(self.name)
        return text and translated_help(text)

    def __set__(self, instance: Any, text: str | None) -> None:
        instance.__dict__[self.name] = text


class _Formatter(HelpFormatter):
    """Counts wide characters as the two columns that they take."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, args, prefix and _widened(prefix))

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        super().write_text(_widened(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of terms with what they mean."""
        super().write_dl([(term, _widened(text)) for term, text in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        """All that was written."""
        return HANGING.sub(r"\2\n\1", super().getvalue()).replace(PLACEHOLDER, "")


def _widened(text: str) -> str:
    return "".join(each + PLACEHOLDER * (columns(each) - 1) for each in text)


class _Context(click.Context):
    """Of commands whose help is translated."""

    formatter_class = _Formatter


class Command(click.Command):
    """A command whose help is in the user's language."""

    help = _TranslatedText()
    epilog = _TranslatedText()
    context_class = _Context

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first paragraph, whole in a language without spaces, by which click shortens it."""
        first = str(self.help).partition("\n\n")[0]
        return super().get_short_help_str(limit) if columns(first) == len(first) else first.removesuffix("。")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option --help; click translates its text once, when it is made."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = translator(user_language()).template("Show this message and exit.")
        return option


class Group(Command, click.Group):
    """A group of such commands."""

    command_class = Command


class Option(click.Option):
    """An option whose help is in the user's language."""

    help = _TranslatedText()


option = partial(click.option, cls=Option)
