"""Copies of what is published, for the communities that newsletter.yaml names."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

from embedai_nb.communities import Copy, find_copy
from embedai_nb.edition import Edition
from embedai_nb.html.page import title
from embedai_nb.i18n import N_, translator
from embedai_nb.model import Newsletter
from embedai_nb.plugins import PluginError

__all__ = ["COPY_WORDS", "offered_copies", "written_copies"]

logger = logging.getLogger(__name__)

COPY_WORDS = {
    "copy": N_("Copy for {community}"),
    "copied": N_("The text for {community} is copied: paste it into the editor there. The title: {title}"),
    "not-copied": N_("The browser does not let it be copied."),
}


def offered_copies(edition: Edition) -> list[dict[str, str]]:
    """The buttons that copy: name of the copy, what stands on the button, what is said afterwards."""
    say = translator(edition.newsletter.language)
    found = list[dict[str, str]]()
    for name, copy in _copies(edition.newsletter):
        values = {"community": say.template(copy.title), "title": title(edition.issue, edition.newsletter)}
        found.append({"name": name, **{word: say(message, **values) for word, message in COPY_WORDS.items()}})
    return found


def written_copies(edition: Edition) -> dict[str, Mapping[str, str]]:
    """What is put on the clipboard, by the name of the copy: ``html`` or ``text``; that of a plug-in that fails is left out.

    Raises:
        MarkupError: some text is nested too deep to be shown whole.
    """
    found = dict[str, Mapping[str, str]]()
    for name, copy in _copies(edition.newsletter):
        try:
            found[name] = {"html" if copy.kind == "html" else "text": copy.render(edition.issue, edition.newsletter)}
        except PluginError as error:
            logger.warning("%s", error)
    return found


def _copies(newsletter: Newsletter) -> Iterator[tuple[str, Copy]]:
    """The copies that newsletter.yaml names and that are there."""
    for name in newsletter.copies:
        try:
            copy = find_copy(name, newsletter)
        except PluginError as error:
            logger.warning("%s", error)
        else:
            if copy:
                yield name, copy
