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
from embedai_nb.wechat.article import Article, compose
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


def upload(edition: Edition, client: Client, fetch: Callable[[str], bytes], cover: Path | None = None) -> Sent:
    """Put an issue into the draft box of the client's account, or replace the draft that was put there before.

    Args:
        edition: the issue.
        client: for the account.
        fetch: what lies at an address.
        cover: the picture over the article; else `cover.jpg` or `.png` in the issues folder.

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
    files = {picture.url: _picture(picture, fetch) for picture in budget.pictures}
    memory = Memory(edition.folder / layout.WECHAT_UPLOADS, client.account)
    uploaded = {url: _once(memory, "pictures", file, client.upload_picture) for url, file in files.items()}
    article = compose(edition.issue, edition.newsletter, uploaded)
    _demand_that_it_fits(article.budget)
    media_id, added = _Box(client, memory, image, article).put(date)
    return Sent(media_id, added, len(files))


class _Box:
    """One article on its way into the draft box."""

    def __init__(self, client: Client, memory: Memory, cover: File, article: Article) -> None:
        self.client = client
        self.memory = memory
        self.cover = cover
        self.article = article

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
        """https://developers.weixin.qq.com/doc/subscription/api/draftbox/draftmanage/api_draft_add.html."""
        budget = self.article.budget
        return {
            "article_type": "news",
            "title": budget.title,
            "digest": budget.digest,
            "content": self.article.html,
            "content_source_url": budget.source_url,
            "thumb_media_id": _once(self.memory, "covers", self.cover, self.client.upload_cover),
            "need_open_comment": 0,
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


def _picture(picture: Picture, fetch: Callable[[str], bytes]) -> File:
    name = picture.text or picture.url.rpartition("/")[2] or "picture"
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


def _demand_that_it_fits(budget: Budget) -> None:
    """WeChat would say so too, but less clearly."""
    sizes = [
        ("title", len(budget.title), LIMITS.title + 1, "shorten the first keyword of the headline"),
        ("digest", len(budget.digest), LIMITS.digest + 1, "shorten the lead"),
        ("archive_url", len(budget.source_url.encode()), LIMITS.source_url + 1, "shorten it in newsletter.yaml"),
        ("article", budget.characters, LIMITS.characters, "shorten the items that embedai check names"),
        ("article in bytes", budget.bytes, LIMITS.bytes, "shorten the items that embedai check names"),
    ]
    for name, size, limit, remedy in sizes:
        if size >= limit:
            raise NotSentError(f"{size:,} where WeChat takes less than {limit:,}", field=name, remedy=remedy)
