"""The message: any mail program can read it, and it holds the issue twice, as text and as HTML."""

from __future__ import annotations

import datetime
import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from pydantic import ValidationError
from selectolax.lexbor import LexborHTMLParser

from embedai_nb.cli import run
from embedai_nb.html.email import CLIPPED, html_bytes, message
from embedai_nb.html.page import fragment
from embedai_nb.markdown import read
from embedai_nb.model import EmailStyle, Item, Newsletter, Raw
from embedai_nb.wechat.article import compose
from tests.test_html import Seen, assert_harmless, issue, luminance, published, vectors, whole

LARGEST = 100_000
"""Bytes after which mail programs cut a message."""
PLAIN = Newsletter(name="简报", tagline="口号", archive_url="https://archive.e.com/{date}.md")


def parsed(text: str) -> EmailMessage:
    """The message as the standard library reads it; nothing in it is malformed."""
    found = cast("EmailMessage", email.message_from_bytes(text.encode("ascii"), policy=email.policy.default))
    for part in found.walk():
        assert part.defects == []
    return found


def parts(text: str) -> tuple[str, str]:
    """Its text and its HTML."""
    whole_message = parsed(text)
    found = []
    for kind in ("plain", "html"):
        part = whole_message.get_body((kind,))
        assert part is not None
        found.append(part.get_content())
    return found[0], found[1]


def assert_harmless_mail(html: str) -> None:
    """As harmless as the page, but for the styles that stand in it."""
    seen = Seen(html)
    assert_harmless(re.sub(r'(<[a-z0-9]+[^<>]*?) style="[^"<>]*"', r"\1", html))
    for style in seen.values("style"):
        assert not re.search(r"url\(|expression|position|var\(|@", style), style
    assert not {"style", "link", "script", "img"}.intersection(re.findall(r"<(\w+)", html))


def test_its_headers_say_what_it_is_and_leave_the_rest_to_the_sender(newsletter: Newsletter) -> None:
    found = parsed(message(issue(headline=["一", "二"]), newsletter))
    assert found["Subject"] == "嵌入式AI简报 (2031-05-04)：一/二"
    assert found["Date"].datetime == datetime.datetime(2031, 5, 4, tzinfo=datetime.UTC)
    assert found["Content-Language"] == "zh-CN"
    assert found.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert not {"From", "To", "Message-ID", "List-Unsubscribe"}.intersection(found.keys())


def test_newsletter_yaml_may_say_who_sends_it_to_whom_and_how_it_ends() -> None:
    style = EmailStyle(sender="简报 <news@e.com>", to="list@e.com", unsubscribe="https://e.com/u?x=1")
    found = parsed(message(issue(), Newsletter(name="简报", email=style)))
    assert (found["From"], found["To"]) == ("简报 <news@e.com>", "list@e.com")
    assert found["List-Unsubscribe"] == "<https://e.com/u?x=1>"


@pytest.mark.parametrize(
    "values",
    [
        {"sender": "甲"},
        {"to": "a@e.com\nBcc: b@e.com"},
        {"unsubscribe": "javascript:1"},
        {"unsubscribe": "https://e.com>"},
    ],
)
def test_an_address_of_mail_that_is_none_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        EmailStyle(**values)


def test_lists_of_messages_show_the_beginning_of_the_lead() -> None:
    _, html = parts(message(issue(lead="本期**一**条。" + "长" * 200), PLAIN))
    hidden = re.search(r'<body[^>]*>\n<div style="display:none;[^"]*">(.*?)</div>', html)
    assert hidden
    assert hidden[1].startswith("本期一条。长")
    assert len(hidden[1]) <= 110


def test_it_is_readable_where_the_canvas_is_dark() -> None:
    """Wherever a colour is set, it stands on a light ground that the message brings with it."""
    _, html = parts(message(whole(), PLAIN))
    assert '<meta name="color-scheme" content="light only">' in html
    assert '<body style="margin:0;background:#fff;color:#1f2328">' in html
    styles = re.findall(r'style="([^"]*)"', html)
    grounds = [dict(re.findall(r"(?:^|;)(background|color):([^;]+)", style)) for style in styles]
    assert all("color" in ground for ground in grounds if "background" in ground)
    for ink in {ground["color"] for ground in grounds if "color" in ground}:
        for paper in {"#fff", *(ground["background"] for ground in grounds if "background" in ground)}:
            darker, lighter = sorted([luminance(ink), luminance(paper)])
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ink, paper)


def test_code_and_tables_are_styled_in_place() -> None:
    text = "```sh\nmake  all\n```\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |"
    _, html = parts(message(issue(Raw(raw=text)), PLAIN))
    assert re.search(r'<pre style="[^"]*white-space:pre;[^"]*"><code[^>]*>make  all\n</code></pre>', html)
    assert re.search(r'<td style="[^"]*border:1px solid [^"]*">1</td>', html)


def test_a_message_that_is_clipped_is_told_of(newsletter: Newsletter) -> None:
    assert html_bytes(whole(), newsletter) < CLIPPED
    assert html_bytes(issue(Item(title="甲", text="长" * 40_000)), newsletter) > CLIPPED


def test_whoever_asks_for_a_message_that_is_clipped_hears_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "drafts").mkdir()
    (tmp_path / "newsletter.yaml").write_text("name: 简报\n", encoding="utf-8")
    draft = f"schema: 1\ndate: 2031-05-04\nsections: [{{name: 甲, items: [{{title: 乙, text: {'长' * 40_000}}}]}}]\n"
    (tmp_path / "drafts" / "2031-05-04.yaml").write_text(draft, encoding="utf-8")
    assert run(["--issues", str(tmp_path), "show", "2031-05-04", "--format", "email"]) == 0
    said = capsys.readouterr()
    assert "bytes of HTML; Gmail hides what follows the first 102,400" in said.err
    assert "Gmail" not in said.out


def test_the_text_is_the_markdown_without_its_front_matter(newsletter: Newsletter) -> None:
    each = whole().model_copy(update={"front_matter": "---\nlayout: default\n---"})
    text, html = parts(message(each, newsletter))
    assert text.startswith("# 嵌入式AI简报 (2031-05-04)：一/二\n")
    assert "layout" not in text + html


LABELS = {
    "<b>": "<b>",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>": "<img src=x onerror=alert(1)>",
    "</b></p><h1>甲</h1>": "</b></p><h1>甲</h1>",
    "R&D &lt; &amp;": "R&D < &",
    """a"b'c""": """a"b'c""",
}
"""Labels, and how a reader sees them."""


@pytest.mark.parametrize("text", ["一段。", "", "1. 一\n2. 二", "> 引文"])
@pytest.mark.parametrize(("label", "shown"), LABELS.items())
def test_a_label_is_text_on_the_page_in_the_article_and_in_the_mail(label: str, shown: str, text: str) -> None:
    each = issue(Item(title="甲", fields={label: text}))
    for html in (fragment(each, PLAIN), compose(each, PLAIN).html, parts(message(each, PLAIN))[1]):
        body = LexborHTMLParser(html).body
        assert body is not None
        assert f"{shown}：" in body.text()
        assert not body.css("script, b b, [onerror], [src]")
        assert len(body.css("h1")) <= 1


def test_links_are_whole_and_pictures_are_links() -> None:
    each = issue(Item(title="甲", url="2031-04-20.md", text='![图](p.png) 文中的 href="x.md"'), closing="![码](q.png)")
    _, html = parts(message(each, PLAIN))
    assert Seen(html).values("href") == [
        "https://archive.e.com/2031-04-20.md",
        "https://archive.e.com/p.png",
        "https://archive.e.com/q.png",
    ]
    assert 'href="x.md"' in Seen(html).text


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\u2028", "\x0b", "\x85"], ids=ascii)
def test_a_title_cannot_add_a_header(newline: str) -> None:
    found = parsed(message(issue(headline=[f"甲{newline}Bcc: x@e.com"]), PLAIN))
    assert found["Bcc"] is None
    assert found["Subject"] == "简报 (2031-05-04)：甲 Bcc: x@e.com"


def test_equal_issues_give_equal_bytes_and_others_another_boundary(newsletter: Newsletter) -> None:
    first, again, other = (message(each, newsletter) for each in (whole(), whole(), issue(Item(title="甲"))))
    assert first == again
    assert parsed(first).get_boundary() != parsed(other).get_boundary()


def test_hostile_text_stays_text() -> None:
    texts = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title></body>", *vectors("blns.json")]
    for start in range(0, len(texts), 40):
        some = texts[start : start + 40]
        each = issue(*(Item(title=text, text=text, url="https://e.com") for text in some), headline=some)
        assert_harmless_mail(parts(message(each, PLAIN))[1])


def test_the_sample_drafts_are_small_enough(newsletter: Newsletter) -> None:
    for each in published(newsletter):
        text = message(each, newsletter)
        assert len(text) < LARGEST
        assert_harmless_mail(parts(text)[1])


def test_real_issues_are_small_enough(real_issues: list[Path], newsletter: Newsletter) -> None:
    for path in real_issues:
        each = read(path.read_text(encoding="utf-8"), newsletter, date=datetime.date(2031, 5, 4)).issue
        text = message(each, newsletter)
        assert len(text) < LARGEST
        assert_harmless_mail(parts(text)[1])


def test_another_newsletter_in_its_own_words(potting_shed: Newsletter) -> None:
    text = message(issue(Item(title="Beans")), potting_shed)
    assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", parts(text)[1].replace("甲", ""))
