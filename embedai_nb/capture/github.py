"""Repositories, by the APIs of GitHub (docs.github.com/rest/repos) and Gitee (gitee.com/api/v5/swagger)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from embedai_nb.capture import messages, url_cleaning
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.capture.metadata import Metadata, plain_line, title_markdown
from embedai_nb.i18n import Translator
from embedai_nb.model import Item
from embedai_nb.text import urls

APIS = {"github.com": "https://api.github.com/repos/", "gitee.com": "https://gitee.com/api/v5/repos/"}


def canonical_item(item: Item) -> Item | None:
    """The item with owner/name and the URL of its repository; a URL into the repository keeps its path."""
    if not item.url:
        return item.model_copy(update={"url": f"https://github.com/{item.repo}"}) if item.repo else None
    repo = urls.repository(item.url)
    if repo is None:
        return None
    front = f"https://{url_cleaning.host(item.url)}/{repo}"
    is_front = urls.canonical(item.url) == urls.canonical(front)
    return item.model_copy(
        update={"repo": item.repo or repo, "url": front if is_front else url_cleaning.cleaned(item.url)}
    )


def fetch_metadata(item: Item, fetcher: Fetcher, say: Translator) -> Metadata:
    """Description as title; stars, licence and latest release for the note."""
    repo, host = urls.repository(item.url or ""), url_cleaning.host(item.url or "")
    about = _object(f"{APIS[host]}{repo}", fetcher)
    release = _release(f"{APIS[host]}{repo}/releases/latest", fetcher)
    return Metadata(title=title_markdown(about.get("description")), note_lines=tuple(_note_lines(about, release, say)))


def _object(url: str, fetcher: Fetcher) -> Mapping[str, Any]:
    found = fetcher.get(url).json()
    if not isinstance(found, dict):
        raise FetchError("unreadable", url_cleaning.host(url))
    return found


def _release(url: str, fetcher: Fetcher) -> Mapping[str, Any]:
    """The latest release; empty if there is none, as in many repositories."""
    try:
        return _object(url, fetcher)
    except FetchError:
        return {}


def _note_lines(about: Mapping[str, Any], release: Mapping[str, Any], say: Translator) -> Iterator[str]:
    facts = [_licence(about.get("license"), say)]
    stars = about.get("stargazers_count")
    if isinstance(stars, int):
        facts.insert(0, say(messages.STARS, count=stars))
    if name := plain_line(release.get("tag_name"), 60):
        date = plain_line(release.get("published_at") or release.get("created_at"), 60)[:10]
        facts.append(say(messages.RELEASE, name=name, date=date))
    yield say(messages.BETWEEN_FACTS).join(facts)
    if text := plain_line(about.get("description")):
        yield say(messages.DESCRIPTION, text=text)


def _licence(value: object, say: Translator) -> str:
    """Describe a licence: an object from GitHub, a name from Gitee."""
    name = plain_line(value.get("spdx_id") if isinstance(value, dict) else value, 60)
    known = name and name != "NOASSERTION"
    return say(messages.LICENCE, name=name) if known else say(messages.NO_LICENCE)
