"""Take the pictures of the editor that stand in the documentation: `make screenshots`."""

from __future__ import annotations

import datetime
import json
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(PROJECT))

from playwright.sync_api import Browser, sync_playwright  # noqa: E402 - the project is found only now

from embedai_nb.drafts import DraftStore, load_newsletter, template  # noqa: E402
from embedai_nb.editor.field_values import text_of  # noqa: E402
from embedai_nb.editor.session import Session  # noqa: E402
from embedai_nb.inbox.inbox import Inbox  # noqa: E402
from embedai_nb.model import Item, Newsletter  # noqa: E402
from tests.in_browser.jupyterlab import CHROMIUM, Editor, Lab, serving  # noqa: E402
from tests.in_browser.test_editor_writing import EVENT  # noqa: E402
from tests.loopback import running  # noqa: E402
from tests.test_inbox import rss  # noqa: E402

DATE = "2021-07-18"
EARLIER = datetime.date(2021, 5, 30)
WIDTHS = {1440: 900, 1024: 768}
EMPTY = "2021-08-15"
ENGLISH = "2031-05-18"
PASTED = """<h3>三种量化方法</h3><p>见<a href="https://example.com/quantization">这篇文章</a>：<b>训练后量化</b>最省事。</p>
<table><tr><th>方法</th><th>精度</th></tr><tr><td>训练后</td><td>低</td></tr><tr><td>训练中</td><td>高</td></tr></table>
<p><img src="https://example.com/figure.png" alt="结构图"></p>"""


def prepared(folder: Path) -> Path:
    """The example issue as it might look in the middle of an evening."""
    shutil.copytree(PROJECT / "issues" / "drafts", folder / "drafts")
    shutil.copy(PROJECT / "issues" / "newsletter.yaml", folder)
    session = Session(folder, datetime.date.fromisoformat(DATE))
    items = [
        (e.key, e.value) for part in session.state.content.parts for e in part.entries if isinstance(e.value, Item)
    ]
    for key, _ in items[6:]:
        session.do("mark", key=key, status="draft")
    write(session, items[8], "fields.摘要", "")
    write(session, items[9], "url", "")
    write(session, items[11], "url", items[2][1].url or "")
    write(session, items[5], "fields.摘要", items[5][1].fields["摘要"].replace("，", "，，", 1))
    write(session, items[6], "note", "待补：来源（连不上 mp.weixin.qq.com）")
    publish_before(folder, items[5][1], session.newsletter)
    fill_inbox(folder)
    return folder


HEADLINES = {
    "机器之心": (
        "四比特训练不再掉点：一种逐通道缩放的做法",
        "新一代手机处理器的 NPU 有多快",
        "二十亿参数的模型装进耳机",
    ),
    "量子位": ("四比特训练不再掉点：逐通道缩放的做法", "开源推理框架发布新版本，支持 RISC-V", "周末去哪里看灯会"),
    "边缘笔记": ("在单片机上跑关键词识别的完整记录", "稀疏卷积为什么没有变快", "我们怎样把编译时间减半"),
    "旅行手册": ("沿海公路自驾七日", "古镇夜宿指南"),
}
"""Made-up candidates, by source."""
REPOSITORIES = {"o/tiny-runtime": "两千行的推理引擎", "o/quant-kit": "训练后量化工具箱"}


def fill_inbox(folder: Path) -> None:
    """Candidates as several sources might have them."""
    path = folder / "newsletter.yaml"
    feeds = ", ".join(f"{{feed: http://feed{n}.example/, source: {name}}}" for n, name in enumerate(HEADLINES))
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\ninbox: [{feeds}, {{topic: tinyml}}]\n", encoding="utf-8")
    with running() as sites:
        for n, titles in enumerate(HEADLINES.values()):
            items = ((t, f"https://x{n}.example/{i}", f"{t}。原文另有实验数据和代码。") for i, t in enumerate(titles))
            sites.page(f"feed{n}.example/", rss("", *items))
        found = [{"full_name": name, "description": text} for name, text in REPOSITORIES.items()]
        place = "api.github.com/search/repositories?q=topic%3Atinyml&sort=updated&per_page=100"
        sites.page(place, json.dumps({"items": found}))
        failures = Inbox(folder, load_newsletter(path)).fetch(sites.fetcher())
    assert failures == [], failures


def publish_before(folder: Path, item: Item, newsletter: Newsletter) -> None:
    """An earlier issue in which this item was already."""
    store = DraftStore(folder)
    draft = store.create(EARLIER, template(EARLIER, newsletter))
    was = item.model_copy(update={"title": "AdderNet：不用乘法的卷积网络"})
    sections = [
        section.model_copy(update={"items": (was,) if section.name == "论文" else ()})
        for section in draft.issue.sections
    ]
    store.save(draft, draft.issue.model_copy(update={"sections": tuple(sections)}))


def write(session: Session, item: tuple[str, Item], field: str, text: str) -> None:
    """Have a text typed into an item."""
    path = field.split(".")
    session.do("write", key=item[0], field=path, text=text, base=text_of(item[1], tuple(path)), done=True)


def take(lab: Lab, browser: Browser, width: int) -> None:
    """Form, preview, findings, search and conflict in a window of this width."""
    page = browser.new_page(viewport={"width": width, "height": WIDTHS[width]}, locale="zh-CN")
    editor = Editor(lab, page, DATE).watch().open()
    editor.tab.wait_for_selector(".embedai-lacks:not(:empty)")
    editor.tab.locator(".embedai-row").nth(16).click()
    editor.tab.wait_for_selector(".embedai-findings .embedai-finding")
    picture(editor, "form", width)
    for tab in ("preview", "findings"):
        editor.tab.locator(f".embedai-tab-{tab}").click()
        picture(editor, tab, width)
    editor.tab.keyboard.press("Alt+KeyF")
    editor.tab.keyboard.type("网络")
    editor.tab.locator(".embedai-hits mark").first.wait_for()
    picture(editor, "search", width)
    editor.tab.locator(".embedai-tab-inbox").click()
    editor.tab.locator(".embedai-candidate").first.focus()
    picture(editor, "inbox", width)
    editor.tab.locator(".embedai-tab-edit").click()
    if width == max(WIDTHS):
        writing(editor, width)
    conflict(editor)
    picture(editor, "conflict", width)
    editor.press("resolve")
    editor.tab.close()
    assert editor.deeds == []


def writing(editor: Editor, width: int) -> None:
    """What is pasted from a page, the fixes made at once, the form in the dark and in a small window, an empty issue."""
    editor.select("CSL-YOLO")
    summary = editor.field("fields.摘要")
    summary.evaluate(EVENT, ["paste", PASTED, "一篇文章", ""])
    editor.tab.locator(".embedai-save-images").wait_for()
    picture(editor, "pasted", width)
    editor.tab.locator(".embedai-tab-findings").click()
    editor.press("fix-all")
    editor.tab.locator(".embedai-fixed").wait_for()
    picture(editor, "fixed", width)
    editor.press("fixed-undo")
    editor.tab.locator(".embedai-tab-edit").click()
    theme(editor, "JupyterLab Dark")
    picture(editor, "form-dark", width)
    theme(editor, "JupyterLab Light")
    for size in ((640, 480), (320, 640)):
        editor.tab.set_viewport_size({"width": size[0], "height": size[1]})
        picture(editor, "form", size[0])
    editor.tab.set_viewport_size({"width": width, "height": WIDTHS[width]})
    browser = editor.tab.context.browser
    assert browser is not None
    page = browser.new_page(viewport={"width": width, "height": WIDTHS[width]}, locale="zh-CN")
    empty = Editor(editor.lab, page, EMPTY).watch().open()
    empty.tab.locator(".embedai-beginning").wait_for()
    picture(empty, "empty", width)
    empty.tab.close()
    editor.select("AdderNet")


def theme(editor: Editor, name: str) -> None:
    """Have JupyterLab in another theme."""
    editor.tab.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", name)


def conflict(editor: Editor) -> None:
    """Somebody else changes the item that is being typed into."""
    issue = editor.draft
    item = issue.entries[5]
    path = editor.lab.folder / "drafts" / f"{DATE}.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(item.title, f"{item.title}（待核实）"), encoding="utf-8")
    editor.type("title", f"{item.title}：精读")
    editor.type("source", "某公众号")
    editor.tab.locator(".embedai-compare").click()
    editor.tab.locator(".embedai-difference").first.wait_for()


ENGLISH_DRAFT = f"""\
schema: 1
date: {ENGLISH}
headline: [peas, a spade]
warmups:
  - {{company: Ms Green, text: won a prize for her leeks}}
  - {{company: Mr Moss, text: did not}}
sections:
  - name: Seeds
    items:
      - title: Peas, and how to keep pigeons off them
        source: The Allotment
        url: https://allotment.example/peas
        fields:
          Gist: |
            Black thread, two hands above the ground: **no pigeon lands twice**.
            Nets work too, and catch hedgehogs.
        hook: peas without pigeons
        status: ready
      - title: Ten kinds of beans
        url: https://allotment.example/ten
        fields: {{Gist: All of them grow.}}
      - title: How deep to sow beans
        source: The Allotment
        url: https://allotment.example/beans
  - name: Tools
    items:
      - {{title: A spade with a short handle, repo: shed/spade, url: https://github.com/shed/spade, status: ready}}
"""


def english(browser: Browser) -> None:
    """The form of an English newsletter."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "issues"
        shutil.copytree(PROJECT / "tests" / "data" / "newsletters" / "potting-shed", folder)
        (folder / "drafts" / f"{ENGLISH}.yaml").write_text(ENGLISH_DRAFT, encoding="utf-8")
        with serving(folder) as lab:
            page = browser.new_page(viewport={"width": 1440, "height": WIDTHS[1440]}, locale="en")
            editor = Editor(lab, page, ENGLISH).watch().open()
            editor.tab.wait_for_selector(".embedai-lacks:not(:empty)")
            editor.select("Ten kinds of beans")
            editor.tab.wait_for_selector(".embedai-findings .embedai-finding")
            picture(editor, "form-english", 1440)
            editor.tab.close()


def picture(editor: Editor, name: str, width: int) -> None:
    """Keep what is on screen, once it has come to rest."""
    editor.tab.mouse.move(0, 0)
    editor.tab.wait_for_timeout(700)
    editor.tab.screenshot(path=HERE / f"{name}-{width}.png")


def main() -> None:
    """Take all pictures, each width in an issues folder of its own."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width in WIDTHS:
            folder = Path(tempfile.mkdtemp()) / "issues"
            folder.mkdir()
            with serving(prepared(folder)) as lab:
                take(lab, browser, width)
            shutil.rmtree(folder.parent)
        english(browser)
        browser.close()


if __name__ == "__main__":
    main()
