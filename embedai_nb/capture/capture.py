"""From what was pasted to what it is: the capturers, and what they find out put into the item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from embedai_nb.capture import arxiv, github, messages, url_cleaning, web_page, wechat_article
from embedai_nb.capture.errors import FetchError, NotCapturableError
from embedai_nb.capture.facts import Facts
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.pasted import split
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section
from embedai_nb.text import urls

Kind = Literal["paper", "repository", "article", "page"]
Progress = Callable[[int, int], object]
"""Called with how many are done, and of how many."""

AT_ONCE = 4
"""Pages fetched at the same time; of one host it is always one."""


@dataclass(frozen=True)
class Capturer:
    """A site that is known.

    Args:
        kind: what its pages are, hence the section they go to.
        stable: the item in its lasting form; nothing if the item is none of this site.
        look_up: asks the site about an item in that form; may raise a FetchError.
    """

    kind: Kind
    stable: Callable[[Item], Item | None]
    look_up: Callable[[Item, Fetcher], Facts]


CAPTURERS: tuple[Capturer, ...] = (
    Capturer("paper", arxiv.stable, arxiv.look_up),
    Capturer("repository", github.stable, github.look_up),
    Capturer("article", wechat_article.stable, wechat_article.look_up),
    Capturer("page", web_page.stable, web_page.look_up),
)
"""The first one that knows an item takes it."""


@dataclass(frozen=True)
class Captured:
    """What became of one pasted thing.

    Args:
        text: its words.
        section: the name of the section where it belongs.
        item: the item; absent if it was refused.
        missing: fields that are still to be filled in.
        reason: why something is missing, for the editor.
        refusal: why it must not become an item, and what to do instead, for the editor.
    """

    text: str
    section: str = ""
    item: Item | None = None
    missing: tuple[str, ...] = ()
    reason: str = ""
    refusal: str = ""

    @property
    def pending(self) -> str:
        """The line that its note begins with, if something is missing."""
        return messages.pending(self.missing, self.reason) if self.missing or self.reason else ""


def _silent(_done: int, _of: int) -> None:
    """Say nothing about progress."""


def capture(
    text: str,
    newsletter: Newsletter,
    fetcher: Fetcher | None,
    progress: Progress = _silent,
) -> list[Captured]:
    """Make items of a pasted text, in its order.

    Args:
        fetcher: asks the sites; without it nobody is asked.
    """
    pasted = split(text)
    look = partial(complete, newsletter=newsletter, fetcher=fetcher)
    return _all(look, [each.item for each in pasted], [each.text for each in pasted], progress)


def _all(
    look: Callable[..., Captured], items: Sequence[Item], texts: Sequence[str], progress: Progress
) -> list[Captured]:
    found = list[Captured]()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for captured in threads.map(look, items, texts):
            found.append(captured)
            progress(len(found), len(items))
    return found


def complete(
    item: Item, text: str = "", *, newsletter: Newsletter, fetcher: Fetcher | None, section: str | None = None
) -> Captured:
    """Find out about one item; what somebody wrote into it stays.  A failure is in the answer, none is raised.

    Args:
        text: the words it was pasted as.
        section: where it stands already.
    """
    text = text or item.title or item.url or ""
    try:
        capturer, known = _recognised(item)
    except NotCapturableError as refusal:
        return Captured(text, refusal=refusal.problem)
    facts, reason = _asked(capturer, known, fetcher)
    if facts.url:
        found = known.model_copy(update={"url": facts.url})
        return complete(found, text, newsletter=newsletter, fetcher=fetcher, section=section)
    section = section or section_for(_kind(known, capturer), newsletter)
    known = _filled(known, facts)
    missing = tuple(_missing(known, "source" in newsletter.style(section).needs))
    captured = Captured(text, section, known, missing, reason)
    return replace(captured, item=_noted(known, filter(None, [captured.pending]), first=True))


def _recognised(item: Item) -> tuple[Capturer | None, Item]:
    if item.url and not url_cleaning.is_page(item.url):
        raise NotCapturableError(messages.NO_PAGE.format(url=item.url))
    if item.url and urls.expires(item.url):
        raise NotCapturableError(messages.EXPIRING)
    for capturer in CAPTURERS:
        if (stable := capturer.stable(item)) is not None:
            return capturer, stable
    return None, item


def _asked(capturer: Capturer | None, item: Item, fetcher: Fetcher | None) -> tuple[Facts, str]:
    """What the site says, or why it says nothing; it is not asked for what is there already."""
    if capturer is None or (capturer.kind in ("article", "page") and item.title and item.source):
        return Facts(), ""
    if fetcher is None:
        return Facts(), messages.OFFLINE
    try:
        return capturer.look_up(item, fetcher), ""
    except FetchError as error:
        return Facts(), messages.why(error)


def _filled(item: Item, facts: Facts) -> Item:
    found = {"title": facts.title, "source": facts.source}
    values = item.model_dump() | {name: text for name, text in found.items() if text and not getattr(item, name)}
    return _noted(Item.model_validate(values), facts.remarks)


def _noted(item: Item, lines: Iterable[str], *, first: bool = False) -> Item:
    """The item with lines in its note that are not there yet."""
    said = [line for line in item.note.split("\n") if line]
    new = [line for line in lines if line not in said]
    note = "\n".join([*new, *said] if first else [*said, *new])
    return Item.model_validate(item.model_dump() | {"note": note})


def _missing(item: Item, needs_source: bool) -> Iterator[str]:
    if not item.title:
        yield "title"
    if needs_source and not item.source:
        yield "source"
    if not item.url:
        yield "url"


# --- where things belong --------------------------------------------------------------------------------------


def _kind(item: Item, capturer: Capturer | None) -> Kind:
    """An article about a paper or a repository belongs where these do."""
    if any(map(urls.arxiv_id, item.tags)):
        return "paper"
    return "repository" if item.repo else capturer.kind if capturer else "page"


def section_for(kind: Kind, newsletter: Newsletter) -> str:
    """The section that takes things of this kind, else the last one."""
    names = [style.name for style in newsletter.sections if kind in style.takes]
    return (names or [style.name for style in newsletter.sections][-1:] or [""])[0]


def add(issue: Issue, captured: Iterable[Captured], newsletter: Newsletter) -> Issue:
    """The issue with the new items at the end of their sections; a section that is not there yet is begun."""
    for each in captured:
        if each.item is not None:
            sections = _with_section(issue.sections, each.section, newsletter)
            issue = issue.model_copy(update={"sections": tuple(_with_item(s, each) for s in sections)})
    return issue


def _with_section(sections: tuple[Section, ...], name: str, newsletter: Newsletter) -> tuple[Section, ...]:
    """The sections with one of this name, which stands where the newsletter has it."""
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


# --- what could not be found out the first time ---------------------------------------------------------------


def pending(item: Item) -> bool:
    """Whether the item waits for a site to answer."""
    return any(_is_pending(line) for line in item.note.split("\n"))


def _is_pending(line: str) -> bool:
    return line.startswith(f"{messages.PENDING}：")


def retry(
    issue: Issue,
    newsletter: Newsletter,
    fetcher: Fetcher | None,
    progress: Progress = _silent,
) -> tuple[Issue, list[Captured]]:
    """Ask again about the items that wait for it; the issue with what was found, and what became of each."""
    waiting = [(section.name, item) for section in issue.sections for item in section.entries if pending(item)]
    look = partial(_again, newsletter=newsletter, fetcher=fetcher)
    found = _all(look, [item for _, item in waiting], [name for name, _ in waiting], progress)
    answers = iter(found)
    sections = [
        section.model_copy(update={"items": tuple(_answered(item, answers) for item in section.items)})
        for section in issue.sections
    ]
    return issue.model_copy(update={"sections": tuple(sections)}), found


def _again(item: Item, section: str, newsletter: Newsletter, fetcher: Fetcher | None) -> Captured:
    return complete(_settled(item), newsletter=newsletter, fetcher=fetcher, section=section)


def _answered(item: Item | Raw, answers: Iterator[Captured]) -> Item | Raw:
    """The next answer in place of an item that waits for one; what is refused stays as it is."""
    return next(answers).item or item if isinstance(item, Item) and pending(item) else item


def _settled(item: Item) -> Item:
    """The item without the line that says what is missing."""
    lines = [line for line in item.note.split("\n") if not _is_pending(line)]
    return item.model_copy(update={"note": "\n".join(lines)})
