"""Pictures for shared links: drawn once, kept in the archive, told of when they cannot be drawn."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from embedai_nb.cli import run
from embedai_nb.site import card_files, social_card
from embedai_nb.site.build import build_site
from embedai_nb.site.social_card import CardText, Fonts, draw_card, find_fonts
from embedai_nb.workspace import layout

from .test_site import ADDRESS, archive, contents, text

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed: pip install 'embedai-nb[site]'")

CHINESE = next((fonts for fonts in find_fonts() if not fonts.missing(frozenset("嵌入式简报量化"))), None)
LATIN = next((fonts for fonts in find_fonts() if fonts.missing(frozenset("嵌"))), None)
needs_chinese = pytest.mark.skipif(CHINESE is None, reason="no font with Chinese: apt-get install fonts-noto-cjk")
CARD = CardText(
    "Potting Shed", "Seeds", "2031-05-04", ("Seeds 3", "Soil 2"), "all about pots", "#fff", "#000", "#555", "#b5451b"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = archive(tmp_path / "issues")
    with (made / layout.NEWSLETTER).open("a", encoding="utf-8") as file:
        file.write("\ntheme: {cards: true}\n")
    return made


def cards(folder: Path) -> dict[str, bytes]:
    return contents(folder / layout.CARDS)


def built(folder: Path) -> str:
    """What could not be drawn."""
    return build_site(folder, folder.parent / "site", ADDRESS).not_drawn


@needs_chinese
def test_each_issue_has_a_picture_that_its_page_names(folder: Path) -> None:
    assert built(folder) == ""
    site = folder.parent / "site"
    dates = {"2029-12-31", "2030-03-02", "2031-05-04", "2031-05-18"}
    assert set(cards(folder)) == {f"{name}.png" for name in {*dates, "site"}}
    assert contents(site / "cards") == cards(folder)
    page = text(site / "2031-05-18.html")
    assert '<meta property="og:image" content="https://news.example/embedded/cards/2031-05-18.png">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert "cards/site.png" in text(site / "index.html")
    with Image.open(site / "cards" / "2031-05-18.png") as image:
        assert (image.size, image.format) == ((1200, 630), "PNG")


@needs_chinese
def test_a_picture_is_drawn_again_only_when_its_text_changes(folder: Path) -> None:
    built(folder)
    before = cards(folder)
    path = folder / layout.CARDS / "2031-05-04.png"
    path.write_bytes(path.read_bytes() + b"of another machine")
    (folder / layout.markdown("2031-05-18")).write_text(
        text(folder / layout.markdown("2031-05-18")).replace("NPU", "DSP"), "utf-8"
    )
    (folder / layout.markdown("2029-12-31")).unlink()
    built(folder)
    after = cards(folder)
    assert set(before) - set(after) == {"2029-12-31.png"}
    assert after["2031-05-18.png"] != before["2031-05-18.png"]
    assert after["2031-05-04.png"].endswith(b"of another machine"), "the text is the same"


@needs_chinese
def test_the_site_is_the_same_wherever_it_is_built_from_an_archive_with_pictures(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(folder)
    there = contents(folder.parent / "site")
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert build_site(folder, folder.parent / "elsewhere", ADDRESS).not_drawn == ""
    assert contents(folder.parent / "elsewhere") == there


def test_without_pillow_the_site_is_built_and_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert run(["--issues", str(folder), "site", "--out", str(folder.parent / "site"), "--url", ADDRESS]) == 0
    said = capsys.readouterr().err
    assert said == (
        "5 pictures for shared links not drawn: Pillow is not installed; install it: pip install 'embedai-nb[site]'\n"
    )
    page = text(folder.parent / "site" / "2031-05-18.html")
    assert "og:image" not in page
    assert '<meta name="twitter:card" content="summary">' in page


@pytest.mark.parametrize("known", [[], [LATIN] if LATIN else []])
def test_without_a_font_that_has_the_characters_no_picture_is_drawn_of_boxes(
    known: list[Fonts], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_files, "find_fonts", lambda: iter(known))
    said = built(folder)
    assert said.startswith("5 pictures for shared links not drawn: no font here has ")
    assert "fonts-noto-cjk" in said
    assert not cards(folder)


@pytest.mark.skipif(LATIN is None, reason="no font without Chinese")
def test_signs_that_no_font_has_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LATIN is not None
    assert LATIN.missing(frozenset("a 嵌")) == "嵌"
    monkeypatch.setattr(card_files, "find_fonts", lambda: iter([LATIN]))
    path = tmp_path / "a.png"
    assert card_files._drawn([card_files.Wanted(path, CARD._replace(title="Seeds \U0001f331"), "note")]) == ""
    assert draw_card(CARD._replace(title="Seeds "), LATIN, "note") == path.read_bytes()
    assert card_files._note(path) == "note"


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 2**32 - 1, b"iTXt")]
)
def test_a_damaged_picture_is_drawn_again(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert card_files._note(path) == ""


@pytest.mark.parametrize("title", ["长" * 200, "word " * 100, "x" * 400, "", "甲，乙。" * 50, "A/B / C"])
def test_any_title_stays_within_the_picture(title: str) -> None:
    fonts = CHINESE or LATIN
    if fonts is None:
        pytest.skip("no fonts")
    drawn: list[tuple[float, float]] = []
    module = social_card._pillow()[1]
    usual = module.ImageDraw.text

    def text(draw: object, place: tuple[float, float], shown: str, fill: str, font: object, **more: str) -> None:
        if "anchor" not in more:
            drawn.append((place[0] + draw.textlength(shown, font), place[1] + font.size))  # type: ignore[attr-defined]
        usual(draw, place, shown, fill, font, **more)

    module.ImageDraw.text = text
    try:
        draw_card(CARD._replace(title=title), fonts)
    finally:
        module.ImageDraw.text = usual
    assert all(bottom <= social_card.HEIGHT for _, bottom in drawn)
    assert title.startswith("x") or all(right <= social_card.WIDTH for right, _ in drawn)


def test_cards_are_drawn_only_where_the_newsletter_asks_for_them(tmp_path: Path) -> None:
    folder = archive(tmp_path / "issues")
    assert built(folder) == ""
    assert not (folder / layout.CARDS).exists()
    assert "og:image" not in text(tmp_path / "site" / "index.html")
