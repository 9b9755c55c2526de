"""What click says by itself, in the user's language: it asks gettext's default domain for a catalogue."""

from __future__ import annotations

import gettext
import os

from embedai_nb.i18n import DOMAIN, LOCALE, N_, NN_, translator, user_language

__all__ = ["MESSAGES", "speak_users_language"]

MESSAGES = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Positional arguments"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("default: {default}"),
    N_("required"),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Missing {param_type}"),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("No such command {name!r}"),
    N_("No such option: {name}"),
    NN_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    NN_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    NN_("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    N_("Option {name!r} does not take a value."),
    N_("Argument {name!r} takes {nargs} values."),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    NN_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    N_("Choose from:\n\t{choices}"),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("{name} {filename!r} is not writable."),
    N_("Could not open file {filename!r}: {message}"),
    N_("File"),
    N_("Directory"),
    N_("Path"),
    N_("file"),
    N_("directory"),
    N_("path"),
    N_("unknown error"),
    N_("Aborted!"),
)
"""What a user may meet, in all versions of click that this program works with."""


def speak_users_language() -> None:
    """Have click find this package's catalogue; gettext itself knows no Chinese but that of the user's own region."""
    language = translator(user_language()).catalogue
    gettext.bindtextdomain(DOMAIN, str(LOCALE) if language else os.devnull)
    if language and not gettext.find(DOMAIN, str(LOCALE)):
        os.environ["LANGUAGE"] = language
