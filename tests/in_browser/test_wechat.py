"""The page to copy from, in a real browser: one click, and what is pasted is the article."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from embedai_nb.model import Issue, Newsletter
from embedai_nb.wechat import article as articles
from tests.in_browser.test_page import HOSTILE, ISSUE
from tests.test_html import published

pytestmark = pytest.mark.browser


WHAT_IT_IS = """element => ({
  text: element.innerText.replace(/\\s+/g, ' ').trim(),
  links: [...element.querySelectorAll('a')].map(a => [a.textContent, a.getAttribute('href')]),
  numbers: [...element.querySelectorAll('sup')].map(sup => sup.textContent),
  lists: element.querySelectorAll('li').length,
  bold: [...element.querySelectorAll('b, strong')].map(b => b.textContent).join('|'),
  lead: element.querySelector('blockquote, section section')?.style.borderLeft,
})"""


@dataclass
class Opened:
    """A page, and whatever it did that it should not have done."""

    tab: Any
    deeds: list[str] = field(default_factory=list)


def opened(browser: Any, path: Path, html: str, **how: Any) -> Opened:
    path.write_text(html, encoding="utf-8")
    found = Opened(browser.new_page(**{"viewport": {"width": 390, "height": 844}, **how}))
    found.tab.on("request", lambda request: found.deeds.append(request.url) if request.url != path.as_uri() else None)
    found.tab.on("console", lambda message: found.deeds.append(message.text))
    found.tab.on("pageerror", lambda error: found.deeds.append(str(error)))
    found.tab.on("dialog", lambda dialog: (found.deeds.append(dialog.message), dialog.dismiss()))
    found.tab.goto(path.as_uri(), wait_until="load")
    return found


@pytest.fixture
def sample(newsletter: Newsletter) -> Issue:
    return published(newsletter)[0]


def test_one_click_copies_the_article_as_it_will_be_pasted(
    browser: Any, tmp_path: Path, sample: Issue, newsletter: Newsletter
) -> None:
    page = opened(browser, tmp_path / "article.html", articles.render(sample, newsletter))
    page.tab.get_by_role("button", name="复制正文").click()
    assert page.tab.get_by_role("status").inner_text() == "正文已复制，到公众号后台粘贴。"
    article = page.tab.locator("#article").evaluate(WHAT_IT_IS)

    page.tab.goto("data:text/html,<meta charset=utf-8><div contenteditable id=editor></div>")
    page.tab.locator("#editor").click()
    page.tab.keyboard.press("Control+V")
    pasted = page.tab.locator("#editor").evaluate(WHAT_IT_IS)
    assert pasted == article
    assert len(article["links"]) > 5
    assert all(re.match(r"https?://mp\.weixin\.qq\.com/", href) for _, href in article["links"])
    assert article["numbers"][:2] == ["[1]", "[2]"]
    assert article["lead"].startswith("3px solid")
    page.tab.close()


@pytest.mark.parametrize(("name", "of"), [("标题", "title"), ("摘要", "digest"), ("原文链接", "source_url")])
def test_the_other_fields_are_copied_as_text(
    browser: Any, tmp_path: Path, sample: Issue, newsletter: Newsletter, name: str, of: str
) -> None:
    page = opened(browser, tmp_path / "article.html", articles.render(sample, newsletter))
    page.tab.get_by_role("button", name=f"复制{name}").click()
    page.tab.goto("data:text/html,<textarea></textarea>")
    page.tab.locator("textarea").click()
    page.tab.keyboard.press("Control+V")
    assert page.tab.locator("textarea").input_value() == getattr(articles.weigh(sample, newsletter), of)
    page.tab.close()


def test_where_copying_is_refused_the_article_is_selected(
    browser: Any, tmp_path: Path, sample: Issue, newsletter: Newsletter
) -> None:
    page = opened(browser, tmp_path / "article.html", articles.render(sample, newsletter))
    page.tab.evaluate("document.execCommand = () => false")
    page.tab.get_by_role("button", name="复制正文").click()
    assert "Ctrl+C" in page.tab.get_by_role("status").inner_text()
    selected = page.tab.evaluate("getSelection().toString().replace(/\\s+/g, '')")
    assert selected == re.sub(r"\s+", "", page.tab.locator("#article").inner_text())
    page.tab.close()


def test_without_its_script_there_are_no_buttons(
    browser: Any, tmp_path: Path, sample: Issue, newsletter: Newsletter
) -> None:
    page = opened(browser, tmp_path / "article.html", articles.render(sample, newsletter), java_script_enabled=False)
    assert not [button for button in page.tab.locator("button").all() if button.is_visible()]
    page.tab.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_window_or_loaded_or_run(browser: Any, tmp_path: Path, width: int) -> None:
    hostile = articles.render(ISSUE, Newsletter(name="简报", tagline=HOSTILE))
    page = opened(browser, tmp_path / "article.html", hostile, viewport={"width": width, "height": 844})
    assert page.tab.evaluate("document.documentElement.scrollWidth") == width
    phone = page.tab.locator(".phone").bounding_box()
    assert phone["width"] == min(width, 390)
    page.tab.get_by_role("button", name="复制正文").click()
    assert page.deeds == []
    page.tab.close()


def test_the_desk_is_dark_in_the_dark_and_the_article_is_as_readers_see_it(
    browser: Any, tmp_path: Path, sample: Issue, newsletter: Newsletter
) -> None:
    page = opened(browser, tmp_path / "article.html", articles.render(sample, newsletter), color_scheme="dark")
    ground = "element => getComputedStyle(element).backgroundColor"
    assert page.tab.locator(".phone").evaluate(ground) == "rgb(255, 255, 255)"
    assert page.tab.locator("body").evaluate(ground) == "rgb(17, 20, 23)"
    page.tab.close()
