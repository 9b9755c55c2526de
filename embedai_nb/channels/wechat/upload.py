"""An issue into the draft box: its pictures first, then the article; the same draft again next time."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, TypeVar

from embedai_nb.channels.wechat.client import UNKNOWN_MEDIA, Client, File
from embedai_nb.channels.wechat.errors import NotSentError, WeChatRefusedError
from embedai_nb.channels.wechat.uploaded import Memory
from embedai_nb.edition import Edition
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.html.images import is_local
from embedai_nb.model import Newsletter
from embedai_nb.wechat.article import Article, compose, short_title
from embedai_nb.wechat.budget import LIMITS, Budget, Picture
from embedai_nb.workspace import layout

__all__ = ["Sent", "upload"]

KINDS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png"}
COVERS = ("cover.jpg", "cover.jpeg", "cover.png")
COVER_BYTES = 10_000_000
"""Of a permanent picture: api_addmaterial."""


T = TypeVar("T")


class Sent(NamedTuple):
    """What was done."""

    media_id: str
    added: bool
    """A new draft; otherwise the one there was has been replaced."""
    pictures: int
    """How many are in the article."""
    title: str
    """As it was sent."""
    whole_title: str


def upload(
    edition: Edition,
    client: Client,
    fetch: Callable[[str], bytes],
    cover: Path | None = None,
    *,
    full_title: bool = False,
) -> Sent:
    """Put an issue into the draft box of the client's account, or replace the draft that was put there before.

    Args:
        edition: the issue.
        client: for the account.
        fetch: what lies at an address.
        cover: the picture over the article; else `cover.jpg` or `.png` in the issues folder.
        full_title: send the title as long as the web editor takes it, instead of as long as the interface documents.

    Raises:
        UsageError: there is no cover.
        NotSentError: the issue has errors, or something in it is nothing that WeChat takes.
        WeChatRefusedError, UnreachableError: WeChat does not take it, or does not answer.
    """
    date = edition.draft.date.isoformat()
    if any(finding.severity == "error" for finding in edition.findings):
        raise NotSentError("the issue has errors", item=date, remedy=f"embedai check {date} lists them")
    image = _cover(edition.folder, cover)
    budget = compose(edition.issue, edition.newsletter).budget
    files = {picture.url: _picture(picture, edition.folder, fetch) for picture in budget.pictures}
    memory = Memory(edition.folder / layout.WECHAT_UPLOADS, client.account)
    uploaded = {url: _once(memory, "pictures", file, client.upload_picture) for url, file in files.items()}
    article = compose(edition.issue, edition.newsletter, uploaded)
    title = budget.title if full_title else short_title(edition.issue, edition.newsletter, LIMITS.title_shown)
    _demand_that_it_fits(article.budget, title, LIMITS.title if full_title else LIMITS.title_shown)
    request = _request(article, title, edition.newsletter)
    media_id, added = _Box(client, memory, image, request).put(date)
    return Sent(media_id, added, len(files), title, budget.whole_title)


class _Box:
    """One article on its way into the draft box."""

    def __init__(self, client: Client, memory: Memory, cover: File, request: dict[str, object]) -> None:
        self.client = client
        self.memory = memory
        self.cover = cover
        self.request = request

    def put(self, date: str) -> tuple[str, bool]:
        """Its media id, and whether the draft is a new one."""
        known = self.memory.get("drafts", date)
        if known and self._updated(known):
            return known, False
        media_id = self._with_known_cover(lambda: self.client.add_draft(self._request()))
        self.memory.keep("drafts", date, media_id)
        return media_id, True

    def _updated(self, media_id: str) -> bool:
        """Whether the draft was there to be replaced; published ones are not."""
        if not self.client.has_draft(media_id):
            return False
        self._with_known_cover(lambda: self.client.update_draft(media_id, self._request()))
        return True

    def _with_known_cover(self, send: Callable[[], T]) -> T:
        """Send; once more with the cover uploaded anew, if somebody deleted it."""
        try:
            return send()
        except WeChatRefusedError as error:
            if error.code != UNKNOWN_MEDIA:
                raise
        self.memory.forget("covers", _key(self.cover))
        return send()

    def _request(self) -> dict[str, object]:
        cover = _once(self.memory, "covers", self.cover, self.client.upload_cover)
        return self.request | {"thumb_media_id": cover}


def _request(article: Article, title: str, newsletter: Newsletter) -> dict[str, object]:
    """https://developers.weixin.qq.com/doc/subscription/api/draftbox/draftmanage/api_draft_add.html."""
    author = {"author": newsletter.wechat_author} if newsletter.wechat_author else {}
    return author | {
        "article_type": "news",
        "title": title,
        "digest": article.budget.digest,
        "content": article.html,
        "content_source_url": article.budget.source_url,
        "need_open_comment": int(newsletter.wechat_comments != "none"),
        "only_fans_can_comment": int(newsletter.wechat_comments == "followers"),
    }


# --- files ----------------------------------------------------------------------------------------------------


def _once(memory: Memory, part: str, file: File, send: Callable[[File], str]) -> str:
    """What WeChat calls the file, which is sent unless it was sent before."""
    known = memory.get(part, _key(file))
    if known is None:
        known = send(file)
        memory.keep(part, _key(file), known)
    return known


def _key(file: File) -> str:
    return sha256(file.data).hexdigest()


def _cover(folder: Path, named: Path | None) -> File:
    candidates = [named] if named else [folder / name for name in COVERS]
    path = next((path for path in candidates if path.is_file()), None)
    if path is None:
        raise UsageError(
            "a draft needs a cover",
            path=named or folder / COVERS[0],
            remedy="put a picture there, or name one with --cover FILE",
        )
    return _file(path.name, path.read_bytes(), COVER_BYTES)


def _picture(picture: Picture, folder: Path, fetch: Callable[[str], bytes]) -> File:
    name = picture.text or picture.url.rpartition("/")[2] or "picture"
    if is_local(picture.url):
        path = folder / picture.url
        if not path.is_file():
            raise NotSentError("the picture is not there", item=name, field=picture.url, remedy=f"put it at {path}")
        return _file(name, path.read_bytes(), LIMITS.picture)
    if not picture.url.startswith(("http://", "https://")):
        raise NotSentError(
            "the picture has no full address", item=name, field=picture.url, remedy="write the whole address"
        )
    try:
        return _file(name, fetch(picture.url), LIMITS.picture)
    except EmbedAIError as error:
        error.item = name
        raise


def _file(name: str, data: bytes, limit: int) -> File:
    kind = next((kind for magic, kind in KINDS.items() if data.startswith(magic)), None)
    if kind is None or len(data) >= limit:
        problem = "the picture is neither JPEG nor PNG" if kind is None else f"the picture has {len(data):,} bytes"
        remedy = f"WeChat takes JPEG and PNG of less than {limit:,} bytes"
        raise NotSentError(problem, item=name, remedy=remedy)
    return File(name, data, kind)


def _demand_that_it_fits(budget: Budget, title: str, longest: int) -> None:
    """WeChat would say so too, but less clearly."""
    sizes = [
        ("title", len(title), longest + 1, "shorten the first keyword of the headline"),
        ("digest", len(budget.digest), LIMITS.digest + 1, "shorten the lead"),
        ("archive_url", len(budget.source_url.encode()), LIMITS.source_url + 1, "shorten it in newsletter.yaml"),
        ("article", budget.characters, LIMITS.characters, "shorten the items that embedai check names"),
        ("article in bytes", budget.bytes, LIMITS.bytes, "shorten the items that embedai check names"),
    ]
    for name, size, limit, remedy in sizes:
        if size >= limit:
            raise NotSentError(f"{size:,} where WeChat takes less than {limit:,}", field=name, remedy=remedy)
