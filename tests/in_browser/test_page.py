"""The page in a real browser: it loads nothing, runs nothing, and fits phone, dark room and paper."""

from __future__ import annotations

import datetime
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from embedai_nb.html import page as pages
from embedai_nb.model import Issue, Item, Newsletter, Raw, Section, Warmup

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
LONG = "https://e.com/" + "a" * 400
HOSTILE = (
    "<script>alert(1)</script><img src=https://e.com/x.png onerror=alert(1)><svg onload=alert(1)>"
    "[甲](javascript:alert(1)) ![乙](https://e.com/y.png) {{7*7}} </style></title>"
)
ISSUE = Issue(
    date=datetime.date(2031, 5, 4),
    imported=True,
    headline=["一个很长很长很长很长很长很长很长很长很长很长很长很长的关键词", "Two", HOSTILE],
    tagline=HOSTILE,
    before=f"<font>{HOSTILE}</font><img src=https://e.com/z.png><style>@import 'https://e.com/s.css'</style>",
    lead=f"本期3条。\n{HOSTILE}",
    warmups=[Warmup(company="甲公司", text=LONG), Warmup(text=HOSTILE)],
    sections=[
        Section(
            name=name,
            items=[
                Item(
                    title=f"{name} {HOSTILE}",
                    source=HOSTILE,
                    url=LONG,
                    repo="owner/" + "name" * 30,
                    tags=["2104.14129"],
                    text=LONG,
                ),
                Item(
                    title="长文",
                    fields={"摘要": "\n".join(["一段话。" * 60, *("  " * n + "- 嵌套" for n in range(1, 20))] * 3)},
                ),
                Raw(
                    raw="| "
                    + " | ".join("0123456789" * 2 for _ in range(12))
                    + " |\n"
                    + "|---" * 12
                    + "|\n\n```\n"
                    + "x" * 300
                    + "\n```"
                ),
            ],
        )
        for name in ("业界新闻", "论文", "论文", "C++ & 其他")
    ],
    closing=f"## 往期回顾\n\n{'| 2031-05-04 ' * 4}|\n{'|:---:' * 4}|\n\n![图](https://e.com/q.png)\n\n{HOSTILE}",
)


@dataclass
class Opened:
    """The page, and whatever it did that it should not have done."""

    tab: Page
    deeds: list[str] = field(default_factory=list)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    path = tmp_path / "2031-05-04.html"
    path.write_text(pages.render(ISSUE, Newsletter(name="简报", tagline=HOSTILE)), encoding="utf-8")
    result = Opened(browser.new_page(viewport={"width": 390, "height": 844}))
    result.tab.on("request", lambda request: result.deeds.append(request.url) if request.url != path.as_uri() else None)
    result.tab.on("console", lambda message: result.deeds.append(message.text))
    result.tab.on("pageerror", lambda error: result.deeds.append(str(error)))
    result.tab.on("dialog", lambda dialog: (result.deeds.append(dialog.message), dialog.dismiss()))
    result.tab.goto(path.as_uri(), wait_until="load")
    yield result
    result.tab.close()


def colours(tab: Page) -> tuple[str, str]:
    found = tab.evaluate("(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))")
    return found[0], found[1]


def test_it_loads_and_runs_nothing(opened: Opened) -> None:
    for element in opened.tab.locator("article, nav a").all():
        element.hover()
    assert opened.deeds == []
    assert opened.tab.locator("script, img, svg, iframe, link, body style").count() == 0
    assert "{{7*7}}" in opened.tab.locator("h1").inner_text()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_window(opened: Opened, width: int) -> None:
    opened.tab.set_viewport_size({"width": width, "height": 844})
    assert opened.tab.evaluate("document.documentElement.scrollWidth") == width


def test_it_is_light_dark_or_black_on_white(opened: Opened) -> None:
    opened.tab.emulate_media(color_scheme="light")
    light = colours(opened.tab)
    opened.tab.emulate_media(color_scheme="dark")
    dark = colours(opened.tab)
    assert light[1] == "rgb(255, 255, 255)"
    assert dark[1] != light[1]
    assert dark[0] != light[0]
    for scheme in ("light", "dark"):
        opened.tab.emulate_media(media="print", color_scheme=scheme)
        assert colours(opened.tab) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    assert not opened.tab.locator("nav").is_visible()


def test_links_to_sections_lead_there(opened: Opened) -> None:
    assert opened.tab.locator("h1").count() == 1
    ids = opened.tab.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert len(set(ids)) == len(ids)
    links = opened.tab.locator("nav a").all()
    assert [link.inner_text() for link in links] == ["业界新闻", "论文", "论文", "C++ & 其他"]
    for link, section in zip(links, opened.tab.locator("section").all(), strict=True):
        opened.tab.evaluate("scrollTo(0, 0)")
        link.click()
        top = section.bounding_box()["y"]
        assert 0 <= top < 422


def test_a_screen_reader_finds_its_way(opened: Opened) -> None:
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert opened.tab.get_by_role(role).count() == 1
    assert opened.tab.get_by_role("heading", level=2).all_inner_texts() == [
        "业界新闻",
        "论文",
        "论文",
        "C++ & 其他",
        "往期回顾",
    ]
    assert opened.tab.get_by_role("article").count() == 8


def test_long_lines_of_code_are_scrolled_by_keyboard(opened: Opened) -> None:
    code = opened.tab.locator("pre code").first
    code.focus()
    opened.tab.keyboard.press("ArrowRight")
    # The policy of the page keeps playwright from polling within it.
    while not opened.tab.evaluate("document.querySelector('pre').scrollLeft"):
        opened.tab.wait_for_timeout(20)


def test_images_are_loaded_where_they_are_shown(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(b64decode(PIXEL))
    each = ISSUE.model_copy(
        update={"sections": (Section(name="甲", items=[Item(title="乙", text="![图](images/a.png)")]),)}
    )
    (tmp_path / "2031-05-04.html").write_text(
        pages.render(each, Newsletter(name="简报", images="show")), encoding="utf-8"
    )
    tab = browser.new_page()
    tab.route("https://**", lambda route: route.abort())
    tab.goto((tmp_path / "2031-05-04.html").as_uri(), wait_until="load")
    assert tab.locator("article img").evaluate("image => image.naturalWidth") == 1
    tab.close()
