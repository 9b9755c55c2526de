"""Messages of capturing to the editor, in the newsletter's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from embedai_nb.capture.errors import FailureReason, FetchError
from embedai_nb.checks import messages as findings
from embedai_nb.i18n import N_, NN_, NP_, Translatable, _, languages, translator

FIELDS = {
    "title": NP_("field of an item", "title"),
    "source": NP_("field of an item", "source"),
    "url": NP_("field of an item", "address"),
}

FAILURES: Mapping[FailureReason, str] = {
    "forbidden": N_("{host} is not on the public internet and was not visited"),
    "address": N_("the address is malformed and was not visited"),
    "unreachable": N_("{host} cannot be reached"),
    "timeout": N_("{host} didn't answer in time"),
    "too-large": N_("the page of {host} is too large"),
    "unreadable": N_("the answer of {host} can't be read"),
    "redirects": N_("{host} redirects without end"),
    "status": N_("{host} refuses ({status})"),
    "limited": N_("{host} was asked too often, try again later"),
    "verification": N_("{host} asks for a human being: open it in a browser, and copy the title"),
    "gone": N_("{host} says there is no such page"),
    "nothing": N_("the page of {host} has no title"),
}
UNEXPECTED = N_("the answer can't be handled: {error}")
OFFLINE = N_("offline")
EXPIRING = findings.EXPIRING
NO_PAGE = N_("“{url}” is not the address of a page. Give one that begins with http:// or https://.")

AUTHORS = N_("Authors: {names}")
AND_OTHERS = N_(" and others ({count} in all)")
ABSTRACT = N_("Abstract: {text}")
COMMENT = N_("Comment: {text}")
CODE = N_("Code: {url}")
DESCRIPTION = N_("Description: {text}")
STARS = NN_("{count:,} star", "{count:,} stars")
LICENCE = N_("{name} licence")
NO_LICENCE = N_("no licence given")
RELEASE = N_("latest release {name} ({date})")
MORE = N_("Pasted with it: {text}")
BETWEEN_NAMES = NP_("between names", ", ")
BETWEEN_FACTS = NP_("between facts", ", ")

INCOMPLETE = N_("Incomplete: {missing}")
"""Line of the note of an item whose metadata is incomplete."""
INCOMPLETE_SINCE = N_("Incomplete: {missing} ({reason})")
NOTHING_MISSING = N_("what the page says")

PENDING = tuple(translator(language).template(INCOMPLETE).partition("{")[0].rstrip() for language in languages())
"""How that line begins, in each language: a draft keeps it, whatever language its newsletter speaks later."""


def failure_text(error: FetchError) -> Translatable:
    """Say why a page could not be fetched."""
    return _(FAILURES[error.reason], host=error.host, status=error.status)


def incomplete_line(missing: Sequence[str], reason: str, language: str) -> str:
    """The line of a note that lists missing fields: “Incomplete: title, source (example.com cannot be reached)”."""
    say = translator(language)
    names = say(BETWEEN_NAMES).join(say(FIELDS[name]) for name in missing) or say(NOTHING_MISSING)
    return say(INCOMPLETE_SINCE if reason else INCOMPLETE, missing=names, reason=reason)
