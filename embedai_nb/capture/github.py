"""Repositories: the APIs of GitHub (docs.github.com/rest/repos) and Gitee (gitee.com/api/v5/swagger)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from embedai_nb.capture import messages, url_cleaning
from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.facts import Facts, plain, title
from embedai_nb.capture.fetch import Fetcher
from embedai_nb.model import Item
from embedai_nb.text import urls

APIS = {"github.com": "https://api.github.com/repos/", "gitee.com": "https://gitee.com/api/v5/repos/"}


def stable(item: Item) -> Item | None:
    """A repository with owner and name; a link into it keeps its path, one to its front page is shortened."""
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


def look_up(item: Item, fetcher: Fetcher) -> Facts:
    """Description, stars, licence and latest release."""
    repo, host = urls.repository(item.url or ""), url_cleaning.host(item.url or "")
    said = _object(f"{APIS[host]}{repo}", fetcher)
    release = _release(f"{APIS[host]}{repo}/releases/latest", fetcher)
    return Facts(title=title(said.get("description")), remarks=tuple(_remarks(said, release)))


def _object(url: str, fetcher: Fetcher) -> Mapping[str, Any]:
    said = fetcher.get(url).json()
    if not isinstance(said, dict):
        raise FetchError("unreadable", url_cleaning.host(url))
    return said


def _release(url: str, fetcher: Fetcher) -> Mapping[str, Any]:
    """The latest release; many repositories have none."""
    try:
        return _object(url, fetcher)
    except FetchError:
        return {}


def _remarks(said: Mapping[str, Any], release: Mapping[str, Any]) -> Iterator[str]:
    facts = [_licence(said.get("license"))]
    stars = said.get("stargazers_count")
    if isinstance(stars, int):
        facts.insert(0, messages.STARS.format(count=stars))
    if name := plain(release.get("tag_name"), 60):
        date = plain(release.get("published_at") or release.get("created_at"), 60)[:10]
        facts.append(messages.RELEASE.format(name=name, date=date))
    yield "，".join(facts)
    if text := plain(said.get("description")):
        yield messages.DESCRIPTION.format(text=text)


def _licence(said: object) -> str:
    """GitHub sends an object, Gitee a name."""
    name = plain(said.get("spdx_id") if isinstance(said, dict) else said, 60)
    return messages.LICENCE.format(name=name) if name and name != "NOASSERTION" else messages.NO_LICENCE
