"""Copies of what is published, for the communities that newsletter.yaml names."""

from __future__ import annotations

from collections.abc import Mapping

from embedai_nb.communities import COPIES
from embedai_nb.edition import Edition
from embedai_nb.html.page import title
from embedai_nb.i18n import N_, translator

__all__ = ["COPY_WORDS", "offered_copies", "written_copies"]

COPY_WORDS = {
    "copy": N_("Copy for {community}"),
    "copied": N_("The text for {community} is copied: paste it into the editor there. The title: {title}"),
    "not-copied": N_("The browser does not let it be copied."),
}


def offered_copies(edition: Edition) -> list[dict[str, str]]:
    """The buttons that copy: name of the copy, what stands on the button, what is said afterwards."""
    say = translator(edition.newsletter.language)
    found = list[dict[str, str]]()
    for name in edition.newsletter.copies:
        values = {"community": say(COPIES[name].title), "title": title(edition.issue, edition.newsletter)}
        found.append({"name": name, **{word: say(message, **values) for word, message in COPY_WORDS.items()}})
    return found


def written_copies(edition: Edition) -> dict[str, Mapping[str, str]]:
    """What is put on the clipboard, by the name of the copy: ``html`` or ``text``.

    Raises:
        MarkupError: some text is nested too deep to be shown whole.
    """
    wanted = {name: COPIES[name] for name in edition.newsletter.copies}
    return {
        name: {"html" if copy.kind == "html" else "text": copy.render(edition.issue, edition.newsletter)}
        for name, copy in wanted.items()
    }
