"""Translate messages by gettext catalogues: ``locale/LANGUAGE/LC_MESSAGES/messages.po``.

Messages in the code are English, and the key by which a catalogue has their translation
(docs.python.org/3/library/gettext.html).  Two languages are spoken at a time:

- what readers, editors and reviewers see speaks the newsletter's: ``translator(newsletter.language)``;
- what the command line says of itself (help, errors, progress) speaks the user's: ``_("…", name=value)``, whose
  result can be said again in another language.

``{name}`` in a message is filled in as by `str.format`; a doubled brace is a brace.
"""

from __future__ import annotations

import gettext
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

__all__ = [
    "DOMAIN",
    "LOCALE",
    "NN_",
    "NP_",
    "N_",
    "Plural",
    "Translatable",
    "Translator",
    "_",
    "_n",
    "languages",
    "translated",
    "translator",
    "user_language",
]

DOMAIN = "messages"
LOCALE = Path(__file__).parent / "locale"
CONTEXT_END = "\x04"
"""Between context and message in a catalogue (GNU gettext, “Using contexts”)."""


class Plural(NamedTuple):
    """A message that depends on ``count``: for one, and for other numbers."""

    one: str
    many: str


def N_(message: str) -> str:  # noqa: N802  # gettext's customary name
    """Mark a message of a table for extraction, without translating it yet."""
    return message


def NN_(one: str, many: str) -> Plural:  # noqa: N802
    """Mark a message that depends on ``count``."""
    return Plural(one, many)


def NP_(context: str, message: str) -> str:  # noqa: N802
    """Mark a message whose English has several translations; ``context`` says which is meant."""
    return f"{context}{CONTEXT_END}{message}"


class Translator:
    """The messages of one language.

    Args:
        language: BCP 47 tag or POSIX locale, ``zh-CN`` or ``zh_CN.UTF-8``.  A language without a catalogue is English.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = gettext.translation(DOMAIN, str(LOCALE), _candidates(language), fallback=True)

    @property
    def catalogue(self) -> str | None:
        """The language of the catalogue, as its folder is called; ``None`` where messages stay English."""
        return self._catalogue.info().get("language")

    def __call__(self, message: str | Plural, /, **values: Any) -> str:
        """Translate a message and fill in its values; one of the values of a `Plural` is ``count``, a number."""
        if isinstance(message, Translatable):
            return self(message.key, **message.values | values)
        values = {name: self(value) if isinstance(value, Translatable) else value for name, value in values.items()}
        return self.template(message, values.get("count", 1)).format(**values)

    def template(self, message: str | Plural, count: int = 1) -> str:
        """Translate a message and leave its ``{name}`` in place, for a script that fills them in."""
        if isinstance(message, Plural):
            return self._catalogue.ngettext(message.one, message.many, count)
        return message and self._catalogue.gettext(message).rpartition(CONTEXT_END)[2]  # "" is a catalogue's head


class Translatable(str):
    """A message in the user's language; `translated` says it again in another.

    Args:
        key: the English message, maybe with a plural.
        values: what is filled in; a `Translatable` among them is translated, too.
    """

    __slots__ = ("key", "values")
    key: str | Plural
    values: dict[str, Any]

    def __new__(cls, key: str | Plural, values: dict[str, Any]) -> Translatable:  # noqa: D102  # the class says it
        self = super().__new__(cls, translator(user_language())(key, **values))
        self.key = key
        self.values = values
        return self

    def __reduce__(self) -> tuple[type[Translatable], tuple[str | Plural, dict[str, Any]]]:
        return Translatable, (self.key, self.values)


def _(message: str, /, **values: Any) -> Translatable:
    """Say a message in the user's language."""
    return Translatable(message, values)


def _n(one: str, many: str, /, **values: Any) -> Translatable:
    """Say a message that depends on ``count`` in the user's language."""
    return Translatable(Plural(one, many), values)


def translated(text: str, language: str) -> str:
    """Say a text in a language, if it is a `Translatable`; any other text stays as it is."""
    return translator(language)(text) if isinstance(text, Translatable) else text


@lru_cache(maxsize=16)
def translator(language: str) -> Translator:
    """The messages of a language."""
    return Translator(language)


def languages() -> tuple[str, ...]:
    """The languages that messages are in: English, and one for each catalogue."""
    return ("en", *sorted(path.name for path in LOCALE.iterdir() if path.is_dir()))


def user_language() -> str:
    """The user's language, as the environment names it (GNU gettext, “Locale environment variables”)."""
    chosen = (os.environ.get(name) for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, chosen), "en").partition(":")[0]


def _candidates(language: str) -> list[str]:
    """Names of catalogues, the best first: the language as it is named, without its region, with any region."""
    tag = language.partition(".")[0].partition("@")[0].replace("-", "_")
    base = tag.partition("_")[0].lower()
    relatives = sorted(path.name for path in LOCALE.glob(f"{base}_*")) if base.isalpha() else []
    return [tag, base, *relatives]
