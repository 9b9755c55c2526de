"""Images beside the drafts: what is saved, under which name, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from embedai_nb.editor.image_files import LARGEST, from_base64, from_data_url, read_image, save_image
from embedai_nb.errors import EmbedAIError
from embedai_nb.html.images import is_local
from embedai_nb.i18n import translated

from .test_rich_paste import PNG

GIF = b"GIF89a" + bytes(7) + b"\x2c" + bytes(10) + b";"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'


def test_an_image_is_saved_once_under_a_name_made_from_its_content(tmp_path: Path) -> None:
    address = save_image(tmp_path, PNG)
    assert save_image(tmp_path, PNG) == address
    assert save_image(tmp_path, GIF) != address
    assert is_local(address)
    assert address.endswith(".png")
    assert read_image(tmp_path, address) == PNG
    assert len(list((tmp_path / "images").iterdir())) == 2


@pytest.mark.parametrize(
    "content", [b"", b"MZ", SVG, b"\x89PNG\r\n\x1a\n<script>", b"<html>GIF89a", b"\xff\xd8\xff<svg>", b"BM" + bytes(60)]
)
def test_what_is_no_raster_image_by_its_bytes_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(EmbedAIError, match="only PNG, JPEG, GIF"):
        save_image(tmp_path, content)
    assert list(tmp_path.iterdir()) == []


def test_a_large_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbedAIError, match="5 MB"):
        save_image(tmp_path, PNG[:-12] + bytes(LARGEST) + PNG[-12:])


def test_a_folder_that_cannot_be_written_is_named_in_the_language_of_the_form(tmp_path: Path) -> None:
    (tmp_path / "images").write_bytes(b"in the way")
    with pytest.raises(EmbedAIError) as raised:
        save_image(tmp_path, PNG)
    said = translated(raised.value.problem, "zh-CN")
    assert re.fullmatch(r"图片没有存成 images/\w+\.png：(同名的文件已经有了|文件夹的位置上是一个文件)。", said)


@pytest.mark.parametrize(
    "address", ["../newsletter.yaml", "images/../../x.png", "drafts/2026-11-15.yaml", "/etc/x.png", "images/none.png"]
)
def test_nothing_but_images_is_read(tmp_path: Path, address: str) -> None:
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "2026-11-15.yaml").write_text("schema: 1")
    assert read_image(tmp_path, address) == b""


def test_what_is_no_base64_is_nothing() -> None:
    assert from_base64("%") == from_data_url("data:text/html;base64,AA==") == b""
    assert from_data_url("data:image/png;base64,AAE=") == b"\0\1"
