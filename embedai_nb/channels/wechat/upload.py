"""Upload an issue to the draft box: its pictures, then the article; replace the draft of an earlier upload."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, TypeVar

from embedai_nb.channels.wechat.client import UNKNOWN_MEDIA, PictureFile, WeChatClient
from embedai_nb.channels.wechat.errors import NotSentError, WeChatRefusedError
from embedai_nb.channels.wechat.upload_cache import UploadCache
from embedai_nb.edition import Edition
from embedai_nb.errors import EmbedAIError, UsageError
from embedai_nb.html.images import is_local
from embedai_nb.i18n import NP_, _
from embedai_nb.model import Newsletter
from embedai_nb.wechat.article import Article, compose, short_title
from embedai_nb.wechat.budget import LIMITS, Budget, Picture
from embedai_nb.workspace import layout

__all__ = ["UploadResult", "upload"]

FORMATS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png"}
COVERS = ("cover.jpg", "cover.jpeg", "cover.png")
COVER_BYTES = 10_000_000
"""Size limit of a permanent picture: api_addmaterial."""

T = TypeVar("T")


class UploadResult(NamedTuple):
    """The uploaded draft."""

    media_id: str
    added: bool
    """Whether it is a new draft; otherwise an earlier one was replaced."""
    pictures: int
    """Number of pictures in the article."""
    title: str
    """The title of the draft."""
    whole_title: str
    """The title with all its keywords."""


def upload(
    edition: Edition,
    client: WeChatClient,
    fetch: Callable[[str], bytes],
    cover: Path | None = None,
    *,
    full_title: bool = False,
) -> UploadResult:
    """Upload an issue to the draft box of the client's account, or replace the draft of an earlier upload.

    Args:
        edition: the issue.
        client: of the account.
        fetch: downloads the file at a URL.
        cover: the picture over the article; else `cover.jpg`, `.jpeg` or `.png` in the issues folder.
        full_title: send as much of the title as the web editor takes, not only what the interface documents.

    Raises:
        UsageError: there is no cover.
        NotSentError: the issue has errors, or something in it that WeChat would not accept.
        WeChatRefusedError, UnreachableError: WeChat refuses a request, or does not answer.
    """
    date = edition.draft.date.isoformat()
    if any(finding.severity == "error" for finding in edition.findings):
        raise NotSentError(_("the issue has errors"), item=date, remedy=_("embedai check {date} lists them", date=date))
    image = _cover(edition.folder, cover)
    budget = compose(edition.issue, edition.newsletter).budget
    files = {picture.url: _picture(picture, edition.folder, fetch) for picture in budget.pictures}
    cache = UploadCache(edition.folder / layout.WECHAT_UPLOADS, client.account)
    uploaded = {url: _upload_once(cache, "pictures", file, client.upload_picture) for url, file in files.items()}
    article = compose(edition.issue, edition.newsletter, uploaded)
    title = budget.title if full_title else short_title(edition.issue, edition.newsletter, LIMITS.title_shown)
    _require_fit(article.budget, title, LIMITS.title if full_title else LIMITS.title_shown)
    request = _request(article, title, edition.newsletter)
    media_id, added = DraftUpload(client, cache, image, request).send(date)
    return UploadResult(media_id, added, len(files), title, budget.whole_title)


class DraftUpload:
    """The upload of one article as a draft."""

    def __init__(
        self, client: WeChatClient, cache: UploadCache, cover: PictureFile, request: dict[str, object]
    ) -> None:
        self.client = client
        self.cache = cache
        self.cover = cover
        self.request = request

    def send(self, date: str) -> tuple[str, bool]:
        """Add or replace the draft; its media id, and whether it is new."""
        known = self.cache.get("drafts", date)
        if known and self._update(known):
            return known, False
        media_id = self._with_cover(lambda: self.client.add_draft(self._request()))
        self.cache.put("drafts", date, media_id)
        return media_id, True

    def _update(self, media_id: str) -> bool:
        """Replace a draft; False if it is no longer in the draft box: published or deleted."""
        if not self.client.has_draft(media_id):
            return False
        self._with_cover(lambda: self.client.update_draft(media_id, self._request()))
        return True

    def _with_cover(self, send: Callable[[], T]) -> T:
        """Send; if the cover was deleted from the account, upload it again and retry once."""
        try:
            return send()
        except WeChatRefusedError as error:
            if error.code != UNKNOWN_MEDIA:
                raise
        self.cache.delete("covers", _key(self.cover))
        return send()

    def _request(self) -> dict[str, object]:
        cover = _upload_once(self.cache, "covers", self.cover, self.client.upload_cover)
        return self.request | {"thumb_media_id": cover}


def _request(article: Article, title: str, newsletter: Newsletter) -> dict[str, object]:
    """The article as draft/add takes it, but for the cover.

    https://developers.weixin.qq.com/doc/subscription/api/draftbox/draftmanage/api_draft_add.html
    """
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


def _upload_once(cache: UploadCache, kind: str, file: PictureFile, send: Callable[[PictureFile], str]) -> str:
    """The media id or URL of a file; uploaded unless it is in the cache."""
    known = cache.get(kind, _key(file))
    if known is None:
        known = send(file)
        cache.put(kind, _key(file), known)
    return known


def _key(file: PictureFile) -> str:
    return sha256(file.data).hexdigest()


def _cover(folder: Path, named: Path | None) -> PictureFile:
    candidates = [named] if named else [folder / name for name in COVERS]
    path = next((path for path in candidates if path.is_file()), None)
    if path is None:
        raise UsageError(
            _("a draft needs a cover"),
            path=named or folder / COVERS[0],
            remedy=_("put a picture there, or name one with --cover FILE"),
        )
    return _file(path.name, path.read_bytes(), COVER_BYTES)


def _picture(picture: Picture, folder: Path, fetch: Callable[[str], bytes]) -> PictureFile:
    name = picture.text or picture.url.rpartition("/")[2] or _("picture")
    if is_local(picture.url):
        path = folder / picture.url
        if not path.is_file():
            raise NotSentError(
                _("the picture is not there"), item=name, field=picture.url, remedy=_("put it at {path}", path=path)
            )
        return _file(name, path.read_bytes(), LIMITS.picture)
    if not picture.url.startswith(("http://", "https://")):
        raise NotSentError(
            _("the picture has no full address"), item=name, field=picture.url, remedy=_("write the whole address")
        )
    try:
        return _file(name, fetch(picture.url), LIMITS.picture)
    except EmbedAIError as error:
        error.item = name
        raise


def _file(name: str, data: bytes, limit: int) -> PictureFile:
    kind = next((kind for magic, kind in FORMATS.items() if data.startswith(magic)), None)
    if kind is None or len(data) >= limit:
        problem = (
            _("the picture is neither JPEG nor PNG")
            if kind is None
            else _("the picture has {size:,} bytes", size=len(data))
        )
        remedy = _("WeChat takes JPEG and PNG of less than {limit:,} bytes", limit=limit)
        raise NotSentError(problem, item=name, remedy=remedy)
    return PictureFile(name, data, kind)


def _require_fit(budget: Budget, title: str, longest: int) -> None:
    """Raise NotSentError if the article exceeds a limit; WeChat's own message would be less clear."""
    sizes = [
        (
            _(NP_("part of an article", "title")),
            len(title),
            longest + 1,
            _("shorten the first keyword of the headline"),
        ),
        (_(NP_("part of an article", "digest")), len(budget.digest), LIMITS.digest + 1, _("shorten the lead")),
        ("archive_url", len(budget.source_url.encode()), LIMITS.source_url + 1, _("shorten it in newsletter.yaml")),
        (
            _(NP_("part of an article", "article")),
            budget.characters,
            LIMITS.characters,
            _("shorten the items that embedai check names"),
        ),
        (
            _(NP_("part of an article", "article in bytes")),
            budget.bytes,
            LIMITS.bytes,
            _("shorten the items that embedai check names"),
        ),
    ]
    for name, size, limit, remedy in sizes:
        if size >= limit:
            raise NotSentError(
                _("{size:,} where WeChat takes less than {limit:,}", size=size, limit=limit), field=name, remedy=remedy
            )
