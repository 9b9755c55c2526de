"""Capture pasted links: recognise the site, fetch metadata, fill in the item."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from embedai_nb.capture import arxiv, github, messages, url_cleaning, web_page, wechat_article
from embedai_nb.capture.capturer import Capturer, Kind
from embedai_nb.capture.errors import FetchError, NotCapturableError
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.metadata import Metadata
from embedai_nb.capture.pasted import Pasted, parse_pasted
from embedai_nb.capture.plugin_capturers import plugin_capturers
from embedai_nb.i18n import Translator, _, translated, translator
from embedai_nb.i18n.punctuation import clauses
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section
from embedai_nb.plugins import PluginError
from embedai_nb.progress import OnProgress, silent
from embedai_nb.text import urls

logger = logging.getLogger(__name__)


MAX_SHORTENERS = 3
"""Shortened URLs that may lead to each other; two could do so for ever."""
CONCURRENCY = 4
"""Pages fetched at the same time; from one host always one."""


CAPTURERS: tuple[Capturer, ...] = (
    Capturer("paper", arxiv.canonical_item, arxiv.fetch_metadata),
    Capturer("repository", github.canonical_item, github.fetch_metadata),
    Capturer("article", wechat_article.canonical_item, wechat_article.fetch_metadata),
    Capturer("page", web_page.canonical_item, web_page.fetch_metadata),
)
"""The first that recognises an item captures it; those of plug-ins are asked before."""


@dataclass(frozen=True)
class Captured:
    """The result of capturing one pasted thing.

    Args:
        text: as it was pasted.
        section: the name of the section where it belongs.
        item: None if it was refused.
        missing: fields still to be filled in.
        reason: why they are missing, for the editor.
        refusal: why it must not become an item, and what to do instead, for the editor.
        pending: first line of its note, if metadata is missing.
    """

    text: str
    section: str = ""
    item: Item | None = None
    missing: tuple[str, ...] = ()
    reason: str = ""
    refusal: str = ""
    pending: str = ""


def capture(
    text: str,
    newsletter: Newsletter,
    fetcher: Fetcher | None,
    progress: OnProgress = silent,
) -> list[Captured]:
    """Make items of a pasted text, in its order.

    Args:
        fetcher: fetches the metadata; if absent, no site is asked.
    """
    pasted = parse_pasted(text)
    worker = partial(enrich, newsletter=newsletter, fetcher=fetcher)
    return _run(worker, [_noted(each, newsletter) for each in pasted], [each.text for each in pasted], progress)


def _noted(pasted: Pasted, newsletter: Newsletter) -> Item:
    """The item, with the words around it in its note."""
    say = translator(newsletter.language)
    return _with_note_lines(pasted.item, [say(messages.MORE, text=text) for text in pasted.around])


def _run(
    worker: Callable[..., Captured], items: Sequence[Item], texts: Sequence[str], progress: OnProgress
) -> list[Captured]:
    found = list[Captured]()
    with ThreadPoolExecutor(CONCURRENCY) as threads:
        for captured in threads.map(worker, items, texts):
            found.append(captured)
            progress(len(found), len(items))
    return found


def enrich(
    item: Item, text: str = "", *, newsletter: Newsletter, fetcher: Fetcher | None, section: str | None = None
) -> Captured:
    """Fill in the metadata of one item; fields that have a value keep it.  Failures are returned, never raised.

    Args:
        text: as it was pasted.
        section: where the item stands already.
    """
    text, say = text or item.title or item.url or "", translator(newsletter.language)
    capturers = (*plugin_capturers(newsletter.plugins), *CAPTURERS)
    try:
        found = _look_up(item, capturers, fetcher, say)
        for _ in range(MAX_SHORTENERS):
            if not found.metadata.url:
                break
            found = _look_up(found.item.model_copy(update={"url": found.metadata.url}), capturers, fetcher, say)
    except NotCapturableError as refusal:
        return Captured(text, refusal=translated(refusal.problem, newsletter.language))
    section = section or section_for(_kind(found.item, found.capturer), newsletter)
    known, reason = _fill(found.item, found.metadata), found.reason
    missing = tuple(_missing(known, "source" in newsletter.style(section).needs))
    lines = [messages.incomplete_line(missing, reason, newsletter.language)] if missing or reason else []
    return Captured(text, section, _with_note_lines(known, lines, first=True), missing, reason, pending="".join(lines))


class _LookedUp(NamedTuple):
    """What is known of an item, by the capture source that recognised it; and why not more."""

    item: Item
    capturer: Capturer | None = None
    metadata: Metadata = Metadata()
    reason: str = ""


def _look_up(item: Item, capturers: Iterable[Capturer], fetcher: Fetcher | None, say: Translator) -> _LookedUp:
    """Recognise an item and fetch its metadata; a plug-in that fails is skipped, and named in the reason."""
    _refuse(item)
    skipped = list[str]()
    for capturer in capturers:
        try:
            if (canonical := capturer.canonical_item(item)) is not None:
                metadata, reason = _fetch(capturer, canonical, fetcher, say)
                return _LookedUp(canonical, capturer, metadata, clauses([*skipped, reason], say))
        except PluginError as error:
            skipped.append(error.message_in(say.language))
    return _LookedUp(item, reason=clauses(skipped, say))


def _refuse(item: Item) -> None:
    if item.url and not url_cleaning.is_page(item.url):
        raise NotCapturableError(_(messages.NO_PAGE, url=item.url))
    if item.url and urls.expires(item.url):
        raise NotCapturableError(_(messages.EXPIRING))


def _fetch(capturer: Capturer, item: Item, fetcher: Fetcher | None, say: Translator) -> tuple[Metadata, str]:
    """Fetch the metadata, or say why there is none; nothing is fetched if all of it is there."""
    if capturer.kind in ("article", "page") and item.title and item.source:
        return Metadata(), ""
    if fetcher is None:
        return Metadata(), say(messages.OFFLINE)
    try:
        return capturer.fetch_metadata(item, fetcher, say), ""
    except FetchError as error:
        return Metadata(), say(messages.failure_text(error))
    except PluginError:
        raise
    except Exception as error:  # whatever a site answers, this item alone stays pending
        logger.info("%s", item.url, exc_info=True)
        return Metadata(), say(messages.UNEXPECTED, error=type(error).__name__)


def _fill(item: Item, metadata: Metadata) -> Item:
    found = {"title": metadata.title, "source": metadata.source}
    values = item.model_dump() | {name: text for name, text in found.items() if text and not getattr(item, name)}
    return _with_note_lines(Item.model_validate(values), metadata.note_lines)


def _with_note_lines(item: Item, lines: Iterable[str], *, first: bool = False) -> Item:
    """The item with these lines added to its note, unless they are there."""
    present = [line for line in item.note.split("\n") if line]
    new = [line for line in lines if line not in present]
    note = "\n".join([*new, *present] if first else [*present, *new])
    return Item.model_validate(item.model_dump() | {"note": note})


def _missing(item: Item, needs_source: bool) -> Iterator[str]:
    if not item.title:
        yield "title"
    if needs_source and not item.source:
        yield "source"
    if not item.url:
        yield "url"


# --- sections ---------------------------------------------------------------------------------------------------


def _kind(item: Item, capturer: Capturer | None) -> Kind:
    """The kind of an item; an article about a paper or a repository counts as one."""
    if any(map(urls.arxiv_id, item.tags)):
        return "paper"
    return "repository" if item.repo else capturer.kind if capturer else "page"


def section_for(kind: Kind, newsletter: Newsletter) -> str:
    """Name of the section that takes items of this kind, else of the last one."""
    names = [style.name for style in newsletter.sections if kind in style.takes]
    return (names or [style.name for style in newsletter.sections][-1:] or [""])[0]


def add_items(issue: Issue, captured: Iterable[Captured], newsletter: Newsletter) -> Issue:
    """The issue with captured items at the end of their sections; missing sections are added."""
    for each in captured:
        if each.item is not None:
            sections = _with_section(issue.sections, each.section, newsletter)
            issue = issue.model_copy(update={"sections": tuple(_with_item(s, each) for s in sections)})
    return issue


def _with_section(sections: tuple[Section, ...], name: str, newsletter: Newsletter) -> tuple[Section, ...]:
    """The sections with one of this name, added in the order of the newsletter."""
    if any(section.name == name for section in sections):
        return sections
    order = [style.name for style in newsletter.sections]
    later = order[order.index(name) + 1 :] if name in order else []
    at = next((n for n, section in enumerate(sections) if section.name in later), len(sections))
    return (*sections[:at], Section(name=name), *sections[at:])


def _with_item(section: Section, captured: Captured) -> Section:
    if section.name != captured.section or captured.item is None:
        return section
    return section.model_copy(update={"items": (*section.items, captured.item)})


# --- pending items ----------------------------------------------------------------------------------------------


def is_pending(item: Item) -> bool:
    """Whether metadata of the item is still missing."""
    return any(line.startswith(messages.PENDING) for line in item.note.split("\n"))


def retry(
    issue: Issue,
    newsletter: Newsletter,
    fetcher: Fetcher | None,
    progress: OnProgress = silent,
) -> tuple[Issue, list[Captured]]:
    """Fetch the metadata of pending items again.

    Returns:
        The issue with what was found, and the result of each pending item.
    """
    waiting = [(section.name, item) for section in issue.sections for item in section.entries if is_pending(item)]
    worker = partial(_retry_item, newsletter=newsletter, fetcher=fetcher)
    found = _run(worker, [item for _, item in waiting], [name for name, _ in waiting], progress)
    results = iter(found)
    sections = [
        section.model_copy(update={"items": tuple(_replace_pending(item, results) for item in section.items)})
        for section in issue.sections
    ]
    return issue.model_copy(update={"sections": tuple(sections)}), found


def _retry_item(item: Item, section: str, newsletter: Newsletter, fetcher: Fetcher | None) -> Captured:
    return enrich(_without_pending_line(item), newsletter=newsletter, fetcher=fetcher, section=section)


def _replace_pending(item: Item | Raw, results: Iterator[Captured]) -> Item | Raw:
    """Replace a pending item by the next result; a refused one stays as it is."""
    return next(results).item or item if isinstance(item, Item) and is_pending(item) else item


def _without_pending_line(item: Item) -> Item:
    """The item without the line of its note that lists missing fields."""
    lines = [line for line in item.note.split("\n") if not line.startswith(messages.PENDING)]
    return item.model_copy(update={"note": "\n".join(lines)})
