"""Commands of the form that serve writing: convert what is pasted, save and show images.

Each answers in the trait ``answer``, which repeats the id of the request.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from embedai_nb.capture.errors import FetchError
from embedai_nb.capture.messages import failure_text
from embedai_nb.editor.field_values import fits, text_of
from embedai_nb.editor.image_files import from_base64, from_data_url, read_image, save_image
from embedai_nb.editor.messages import WORDS
from embedai_nb.errors import EmbedAIError
from embedai_nb.i18n import Translatable, translated

if TYPE_CHECKING:
    from embedai_nb.editor.form import Form
    from embedai_nb.html.html_to_markdown import RichText

__all__ = ["WRITING_COMMANDS"]

MOST_IMAGES = 30
"""Images of one paste that are fetched."""


def _answer(form: Form, request: str, work: Callable[[], dict[str, Any]]) -> None:
    """Answer a request from a thread: typing goes on."""

    async def answers() -> None:
        try:
            found = await asyncio.to_thread(work)
        except EmbedAIError as error:
            found = {"failed": translated(error.problem, form.session.newsletter.language)}
        form.answer = found | {"request": request}

    form.start(answers())


def convert_html(form: Form, html: str, request: str) -> None:
    """Convert the HTML of a clipboard; the answer has no ``markdown`` where it says no more than plain text."""

    def work() -> dict[str, Any]:
        from embedai_nb.html.html_to_markdown import markdown_of  # its parser takes long to import

        found = markdown_of(html)
        return {} if found is None else _with_saved_images(form, found)

    _answer(form, request, work)


def _with_saved_images(form: Form, found: RichText) -> dict[str, Any]:
    """Save the images that are part of the clipboard itself; the others stay where they are until they are asked for."""
    markdown, lost = found.markdown, found.lost
    for url in found.images:
        if url.startswith("data:"):
            try:
                markdown = markdown.replace(f"]({url})", f"]({save_image(form.session.folder, from_data_url(url))})")
            except EmbedAIError:
                markdown, lost = markdown.replace(f"]({url})", "]()"), lost + 1
    elsewhere = [url for url in found.images if not url.startswith("data:")]
    return {"markdown": markdown.replace("![]()", ""), "images": elsewhere, "lost": lost}


def save_pasted_image(form: Form, data: str, request: str) -> None:
    """Save an image that was pasted or dropped; ``data`` is its base64."""
    _answer(form, request, lambda: {"address": save_image(form.session.folder, from_base64(data))})


def fetch_images(form: Form, urls: Sequence[str], request: str) -> None:
    """Save images that lie on other sites; the answer says which address each has now, and why others could not be had."""

    def work() -> dict[str, Any]:
        addresses, failures = dict[str, str](), dict[str, str]()
        for url in urls[:MOST_IMAGES]:
            try:
                addresses[url] = _fetched(form, url)
            except EmbedAIError as error:
                failures[url] = translated(error.problem, form.session.newsletter.language)
        return {"addresses": addresses, "failures": failures}

    _answer(form, request, work)


def _fetched(form: Form, url: str) -> str:
    if form.session.fetcher is None:
        raise EmbedAIError(Translatable(WORDS["image-unreachable"], {}))
    try:
        content = form.session.fetcher.get(url).body
    except FetchError as error:
        raise EmbedAIError(failure_text(error)) from error
    return save_image(form.session.folder, content)


def show_image(form: Form, address: str, request: str) -> None:
    """Send a saved image to the page, which cannot read it by itself."""
    _answer(form, request, lambda: {"data": base64.b64encode(read_image(form.session.folder, address)).decode()})


def replace_addresses(form: Form, key: str, field: Sequence[str | int], addresses: Mapping[str, str]) -> None:
    """Give images in a field their new addresses, where the field is no longer on screen."""
    content, path = form.session.state.content, tuple(field)
    entry = content.entry(key)
    if entry is None or not fits(entry.value, path):
        return
    before = text = text_of(entry.value, path)
    for old, new in addresses.items():
        text = text.replace(f"]({old})", f"]({new})")
    form.session.do("write", key=key, field=path, text=text, base=before, done=True)


WRITING_COMMANDS: dict[str, Callable[..., object]] = {
    "convert_html": convert_html,
    "save_image": save_pasted_image,
    "fetch_images": fetch_images,
    "show_image": show_image,
    "replace_addresses": replace_addresses,
}
"""Commands by name; each takes the form first."""
