"""Rich text on the clipboard, from a page, Word and WeChat, becomes Markdown of the dialect."""

from __future__ import annotations

import struct
import zlib
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from embedai_nb.html.html_to_markdown import markdown_of
from embedai_nb.html.render import item_blocks


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = b"".join(
    [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")),
        _chunk(b"IEND", b""),
    ]
)
"""A red pixel."""

WORD = (
    """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{}</style></head><body lang=ZH-CN>
<!--StartFragment--><p class=MsoNormal><span lang=EN-US style='mso-ascii-font-family:"Times New Roman"'>Word</span>的一段，
在源文件里
换行，<b style='mso-bidi-font-weight:normal'>加粗<span lang=EN-US>bold<o:p></o:p></span></b>。<o:p></o:p></p>
<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]>第一<o:p></o:p></p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>1.<span>&nbsp;</span></span>里面</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>第二</p>
<p class=MsoNormal>末尾<a href="https://e.com/">链接</a></p><!--EndFragment--></body></html>""",
    "Word的一段，在源文件里换行，**加粗bold**。\n\n- 第一\n  1. 里面\n- 第二\n\n末尾[链接](https://e.com/)",
)
WECHAT = (
    """<section data-role="outer"><section><p style="letter-spacing:1px"><span style="font-size: 15px;"><strong><span
>重点：</span></strong>文字<span style="font-weight: bold;">也粗</span><span style="font-weight:700">连着</span></span></p>
<p><br></p><section class="code-snippet__fix"><ul class="code-snippet__line-index"><li></li><li></li></ul><pre
 class="code-snippet__js" data-lang="python"><code><span>def f():</span></code><code><span>    return 1</span></code></pre>
</section><mp-style-type data-value="3"></mp-style-type></section></section>""",
    "**重点：**文字**也粗连着**\n\n```python\ndef f():\n    return 1\n```",
)


def markdown(html: str) -> str:
    found = markdown_of(html)
    assert found is not None
    return found.markdown


@pytest.mark.parametrize("source", [WORD, WECHAT], ids=["word", "wechat"])
def test_messy_markup(source: tuple[str, str]) -> None:
    assert markdown(source[0]) == source[1]


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ('<b style="font-weight:normal" id="docs-internal-guid"><p><span style="font-weight:700">粗</span>细</p></b>', "**粗**细"),
        ("<b><p>一</p><p>二 <i>三</i></p></b>", "**一**\n\n**二 *三***"),
        ("<ul><li><p>一</p></li><li>二</li></ul>", "- 一\n- 二"),
        ('<ol start="3"><li>三</li><li>四</li></ol>', "3. 三\n4. 四"),
        ("<ul><li><input type=checkbox checked> 做了</li><li><input type=checkbox> 没做</li></ul>", "- [x] 做了\n- [ ] 没做"),
        ("<table><tr><td>甲</td><td>乙</td></tr><tr><td colspan=2>丙|丁</td></tr></table>", "| 甲 | 乙 |\n| --- | --- |\n| 丙\\|丁 |  |"),
        ("<table><tr><td><p>排版</p><p>而已<b>！</b></p></td></tr></table>", "排版\n\n而已**！**"),
        ('<a href="https://e.com/a (b)">链接</a>', "[链接](https://e.com/a%20%28b%29)"),
        ('<a href="https://e.com/"><div>一张</div><div>卡片</div></a>', "[一张 卡片](https://e.com/)"),
        ("<b>Note:</b>text", "**Note**:text"),
        ("<p>一<br>二<code>a`b</code></p>", "一\n二`` a`b ``"),
        ("<h3>题</h3><p>文</p>", "**题**\n\n文"),
        ('<pre class="language-c++">a\n  b</pre>', "```c++\na\n  b\n```"),
        ('<div style="font-family: Menlo, monospace; white-space: pre;"><div>a</div><div>  b</div></div>', "```\na\n  b\n```"),
        ("<blockquote><p>引<b>文</b></p></blockquote>", "> 引**文**"),
        ("<p>H<sub>2</sub>O <s>旧</s></p>", "H2O ~~旧~~"),
        ("<b>1</b><p>2. 不是列表</p><p>- 也不是</p>", "**1**\n\n2\\. 不是列表\n\n\\- 也不是"),
    ],
)  # fmt: skip
def test_what_it_means_in_markdown(html: str, wanted: str) -> None:
    assert markdown(html) == wanted


def test_text_that_is_no_more_than_text_stays_plain() -> None:
    assert markdown_of("<div>一</div><div>二</div>") is None


def test_nothing_active_is_left() -> None:
    html = (
        '<a href="javascript:alert(1)">x</a><img src=x onerror=alert(1)><svg onload=1>s</svg><script>1</script><b>k</b>'
    )
    assert markdown(html) == "x**k**"


@pytest.mark.parametrize(
    "html",
    ["<div>" * 100_000, "<ul><li>" * 40_000, "".join(f"<b {n}>" for n in range(8000)), "<b>x</b>" * 100_000, "<b" + " a=1" * 500_000],
    ids=["divs", "lists", "formatting", "many", "long"],
)  # fmt: skip
def test_hostile_markup_is_pasted_as_plain_text(html: str) -> None:
    assert markdown_of(html) is None


def test_images_are_named_once_and_those_that_cannot_be_had_are_counted() -> None:
    html = '<img data-src="https://e.com/1.png"><img src="https://e.com/1.png" alt="图"><img src="file:///C:/2.png">'
    found = markdown_of(html)
    assert found is not None
    assert (found.images, found.lost) == (("https://e.com/1.png",), 1)


TEXTS = st.text(st.sampled_from("ab1.*_`~[]()!<>&#-+|\\:，。 中文“”"), min_size=1, max_size=12)
INLINE = st.recursive(
    TEXTS.map(escape),
    lambda inside: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(["b", "i", "del", "code", "span", 'a href="https://e.com/x"']),
        st.lists(inside, min_size=1, max_size=3),
    ).map(lambda html: html.replace('</a href="https://e.com/x">', "</a>")),
    max_leaves=6,
)
BLOCKS = st.builds(
    lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
    st.sampled_from(["p", "div", "blockquote", "h2"]),
    st.lists(INLINE, min_size=1, max_size=3),
)


@given(st.lists(BLOCKS, min_size=1, max_size=3))
def test_the_page_shows_every_character_that_was_copied(blocks: list[str]) -> None:
    html = "".join(blocks)
    found = markdown_of(html)
    if found is not None:
        assert _shown(str(item_blocks(found.markdown))) == _shown(html)


def _shown(html: str) -> str:
    """Visible text, without white space."""
    return "".join(LexborHTMLParser(f"<body>{html}</body>").body.text().split())  # type: ignore[union-attr]  # it has one
