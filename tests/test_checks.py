"""Check rules: findings, messages, locations and fixes of each, and what none of them reports."""

from __future__ import annotations

import ast
import atexit
import datetime
import json
import re
import shutil
import tempfile
from collections import Counter
from functools import cache, partial
from pathlib import Path
from string import Formatter
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

import embedai_nb
from benchmarks.synthetic import write
from embedai_nb.catalogue import Catalogue
from embedai_nb.checks import RULES, SEVERITIES, Context, Finding, Fix, LinkStatus, Severity, check, fixable_rules
from embedai_nb.checks.fixes import apply_fixes
from embedai_nb.checks.markdown_dialect import CONSTRUCTS, SUSPECT
from embedai_nb.checks.messages import FILE_MESSAGES, MESSAGES, Message
from embedai_nb.checks.reports import REPORTS, CheckedDraft
from embedai_nb.checks.severity import count_severities
from embedai_nb.compose import complete
from embedai_nb.drafts import Draft, DraftStore
from embedai_nb.drafts.store import parse_draft
from embedai_nb.drafts.yaml_reader import read as read_yaml
from embedai_nb.html.body import body
from embedai_nb.i18n import Plural, translator
from embedai_nb.markdown import read, writes
from embedai_nb.model import Issue, Item, Link, Newsletter, Raw, Section, Warmup
from embedai_nb.text.locations import Location, locate
from embedai_nb.wechat.article import scales
from embedai_nb.wechat.budget import Budget

from .conftest import DATA, PROJECT, one_in

DAY = datetime.date(2031, 5, 4)
DATES = (datetime.date(2031, 4, 6), datetime.date(2031, 4, 20), DAY)
FIXTURES = sorted((DATA / "checks").glob("*.txt"))
NOTHING_FOUND = ""
EARLIER = {*"".join(path.read_text("utf-8") for path in (DATA / "checks" / "earlier").rglob("*.yaml"))}
"""Characters that findings quote of the earlier issue."""


def context(newsletter: Newsletter, **more: Any) -> Context:
    """A context with everything that rules may use."""

    def round_trip(issue: Issue) -> Issue:
        text = writes(complete(issue, newsletter, DATES), newsletter)
        return read(text, newsletter, date=issue.date).issue

    return Context(
        newsletter,
        DATES,
        complete=partial(complete, newsletter=newsletter, dates=DATES),
        round_trip=round_trip,
        render=lambda _, text: body(text),
        **more,
    )


# --- each rule by its examples ----------------------------------------------------------------------------------


def blocks(path: Path) -> list[Any]:
    """Blocks of a fixture: title, draft, and the findings of the rule that the file is named after."""
    found = []
    for block in path.read_text(encoding="utf-8").split("====\n"):
        title, rest = block.split("\n", 1)
        draft, _, expected = rest.partition("~~~\n")
        found.append(pytest.param(path.stem, draft, expected, id=f"{path.stem}: {title}"))
    return found


EXAMPLES = [block for path in FIXTURES for block in blocks(path)]


def draft(text: str, newsletter: Newsletter) -> tuple[Issue, Context]:
    source = read_yaml(text, Path("draft.yaml"))
    data = dict(source.data)
    newsletter = newsletter.model_copy(update={"checks": {}, "plugins": tuple(data.pop("plugins", ()))})
    wechat_budget = scales(lambda issue: complete(issue, newsletter, DATES), newsletter)
    seen_before = lambda item: catalogue().seen_before(item, DAY)  # noqa: E731
    known = context(
        newsletter, line=source.line, wechat_budget=wechat_budget, seen_before=seen_before, link_status=link_status
    )
    return Issue.model_validate({"date": DAY, **data}), known


def link_status(url: str) -> LinkStatus | None:
    """Link status of some sites."""
    states = {
        "gone.example.com": LinkStatus("dead", "is no longer there", DAY),
        "shy.example.com": LinkStatus("unknown", "refuses (status 403)", DAY),
        "long.example.com": LinkStatus("no-fragment", "", DAY),
    }
    return states.get(urlsplit(url).hostname or "")


@cache
def catalogue() -> Catalogue:
    """A catalogue of one earlier issue."""
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(DATA / "checks" / "earlier", folder, dirs_exist_ok=True)
    atexit.register(shutil.rmtree, folder)
    return Catalogue(folder, Newsletter(name="早报"))


def described(finding: Finding) -> str:
    """The finding in a line, its fix in another."""
    place = f"{finding.place}：" if str(finding.place) else ""
    line = f"{finding.line} {finding.severity} {place}{finding.message}\n"
    return line + (f"  {finding.fix.description} → {written(finding.fix)}\n" if finding.fix else "")


def written(fix: Fix) -> str:
    value = fix.value
    if isinstance(value, dict):
        value = {name: part for name, part in value.items() if part not in (None, "", [], {}, "draft", False)}
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(("rule", "text", "expected"), EXAMPLES)
def test_rule(rule: str, text: str, expected: str, newsletter: Newsletter) -> None:
    issue, known = draft(text, newsletter)
    found = [finding for finding in check(issue, known) if finding.rule == rule]
    assert "".join(map(described, found)) == expected
    for finding in found:
        if finding.fix:
            assert_cured(issue, finding, known)
            fixed = finding.fix.applied(issue)
            assert finding.fix.applied(fixed) == fixed


def assert_cured(issue: Issue, finding: Finding, known: Context) -> None:
    """Assert that a fix removes its finding; of several alike, one."""
    assert finding.fix is not None
    fixed = finding.fix.applied(issue)
    assert fixed != issue
    before, after = (
        [(each.rule, each.place.path, each.message) for each in check(one, known)] for one in (issue, fixed)
    )
    this = (finding.rule, finding.place.path, finding.message)
    assert this not in after or [each[0] for each in after].count(this[0]) < [each[0] for each in before].count(this[0])


def test_every_rule_has_a_message_and_examples_for_and_against() -> None:
    assert set(RULES) == set(MESSAGES)
    examples = [(example.values[0], example.values[2] != NOTHING_FOUND) for example in EXAMPLES]
    assert set(examples) == {(rule, trips) for rule in RULES for trips in (True, False)}


def test_every_fix_says_what_it_does_and_only_where_there_is_one(newsletter: Newsletter) -> None:
    said = {
        finding.rule: bool(finding.fix.description)
        for rule, text, _ in (example.values for example in EXAMPLES)
        for finding in check(*draft(text, newsletter))
        if finding.fix
    }
    assert said == {rule: True for rule, message in MESSAGES.items() if message.fix}


# --- in English -------------------------------------------------------------------------------------------------

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


@pytest.mark.parametrize(("rule", "message"), (MESSAGES | FILE_MESSAGES).items())
def test_a_message_and_its_fix_are_in_english_and_in_chinese(rule: str, message: Message) -> None:
    for text in filter(None, [message.text, message.fix]):
        english, chinese = translator("en").template(text), translator("zh-CN").template(text)
        assert not CHINESE.search(english), rule
        assert CHINESE.search(chinese), rule
        assert names(chinese) == names(english), rule
        assert not isinstance(text, Plural) or names(text.one) == names(text.many), rule


def english(newsletter: Newsletter) -> Newsletter:
    return newsletter.model_copy(update={"language": "en"})


def names(template: str) -> set[str | None]:
    """The values that a message is filled in with."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize(("rule", "text", "expected"), EXAMPLES)
def test_an_english_newsletter_has_the_same_findings_in_english(
    rule: str, text: str, expected: str, newsletter: Newsletter
) -> None:
    """Where the draft is the same, so is what is found; only what is said of Chinese typography is left out."""
    issue, known = draft(text, newsletter)
    found = [finding for finding in check(*draft(text, english(newsletter))) if finding.rule == rule]
    theirs = {*filter(CHINESE.match, f"{text}{newsletter.model_dump_json()}")}
    if rule in {"halfwidth-punctuation", "spacing"}:
        assert found == []
        return
    assert [each.place.path for each in found] == [each.place.path for each in check(issue, known) if each.rule == rule]
    assert len(found) == len(re.findall(r"^\d+ ", expected, re.MULTILINE))
    for each in found:
        said = f"{each.place} {each.message} {each.fix.description if each.fix else ''}"
        assert "{" not in said.replace("{%", ""), said
        assert {*filter(CHINESE.match, said)} <= theirs | EARLIER, said


# --- for any issue ----------------------------------------------------------------------------------------------

PIECES = [
    "甲", "乙，，", "国,内", "字 ，", "（", "）", "”", "[甲](", "](https://e.com)", "[]()", "https://e.com/a.", "摘要", "摘要：", "论文：",
    "本期3条", "【新闻】", "- 甲：乙", "> 导读：", "## 节", "----", "`", "```", "\n", "\n    1. ", " | ", "\u202e", "\u200d", "👩", "😀", "\x00",
    "[2031-04-13](b)", "creativecommons.org", "往期回顾", "octo/net：", "arXiv:2101.00001", "# 简报 2031-02-30", "*", "_", "a" * 50, "9" * 30,
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=6).map("".join)
ADDRESSES = """
    https://e.com/a http://[::1 https://e.com:x/ javascript:x //e.com mailto: https:// https://mp.weixin.qq.com/s?signature=x
    https://arxiv.org/abs/2101.00001v2 https://github.com/Octo/Net https://e.com/a?utm_source=x
"""
urls = texts | st.sampled_from(["", *ADDRESSES.split()])
optional = st.none() | texts
raws = st.builds(Raw, raw=texts)
items = st.builds(
    Item,
    title=texts,
    source=texts,
    url=st.none() | urls,
    tags=st.lists(texts, max_size=2),
    repo=optional,
    links=st.lists(st.builds(Link, text=texts, url=urls), max_size=2),
    text=texts,
    fields=st.dictionaries(st.sampled_from(["摘要", "论文", "url", "raw"]) | texts, texts | urls, max_size=3),
    hook=texts,
    note=texts,
)
issues = st.builds(
    Issue,
    date=st.just(DAY),
    headline=st.lists(texts, max_size=2),
    imported=st.booleans(),
    heading=optional,
    tagline=optional,
    before=texts,
    lead=optional,
    intro=optional,
    warmups=st.lists(st.builds(Warmup, company=texts, text=texts, url=st.none() | urls) | raws, max_size=3),
    note=optional,
    after=texts,
    sections=st.lists(
        st.builds(
            Section,
            name=st.sampled_from(["论文", "开源项目", "业界新闻"]) | texts,
            note=optional,
            items=st.lists(items | raws, max_size=3),
        ),
        max_size=3,
    ),
    closing=optional,
)


def value(issue: Issue, path: tuple[str | int, ...]) -> Any:
    found: Any = issue.model_dump()
    for step in path:
        found = found[step]
    return found


@given(issue=issues)
def test_every_issue_can_be_checked_and_every_finding_is_somewhere(issue: Issue, newsletter: Newsletter) -> None:
    lines: list[tuple[str | int, ...]] = []
    known = context(newsletter, line=lambda path: lines.append(path) or len(lines))
    for finding in check(issue, known):
        path = finding.place.path
        assert isinstance(value(issue, path[:-1]), dict | list | tuple)
        assert finding.line is not None
        assert lines[finding.line - 1] == path
        written = finding.model_dump_json()
        assert Finding.model_validate_json(written).model_dump_json() == written
        assert not {"\u202e", "\x00"}.intersection(str(finding.place) + finding.message)


MARKS = [
    "<b>",
    "</b>",
    "<!--",
    "#",
    "---",
    "***",
    "___",
    "=",
    "[^",
    "a]",
    "$",
    "\n",
    ": a",
    "{:",
    "}",
    "`",
    "\\",
    "中",
    " ",
]


@given(text=st.lists(st.sampled_from(MARKS), max_size=9).map("".join))
def test_a_text_without_suspect_signs_has_no_construct_that_is_no_markdown(text: str) -> None:
    if not SUSPECT.search(text):
        assert not [each.name for each in CONSTRUCTS if each.pattern.search(text)]


@given(issue=issues)
@one_in(2)
def test_every_fix_cures(issue: Issue, newsletter: Newsletter) -> None:
    known = context(newsletter)
    for finding in check(issue, known):
        if finding.fix:
            assert_cured(issue, finding, known)


def test_findings_come_in_the_order_of_the_issue(newsletter: Newsletter) -> None:
    text = """\
headline: []
lead: 国,内
warmups:
  - company: 三星
sections:
  - name: 论文
    items:
      - {title: 甲, url: ""}
      - {title: "乙 ，", url: https://example.com/a}
"""
    found = [(finding.line, finding.rule) for finding in check(*draft(text, newsletter))]
    assert found == [
        (1, "not-ready"),
        (1, "no-headline"),
        (2, "halfwidth-punctuation"),
        (4, "warmup-without-text"),
        (8, "empty-link"),
        (8, "no-tag"),
        (8, "no-summary"),
        (9, "space-before-punctuation"),
        (9, "no-tag"),
        (9, "no-summary"),
    ]


def test_fixes_one_after_the_other_leave_nothing_to_fix(newsletter: Newsletter) -> None:
    text = """\
lead: 本期9条：国,内厂商 ，，上市\u200b。
sections:
  - name: 论文
    items:
      - {title: 甲, url: https://arxiv.org/abs/2101.00001, text: "摘要 甲,乙 。"}
"""
    issue, known = draft(text, newsletter)
    while fix := next((finding.fix for finding in check(issue, known) if finding.fix), None):
        issue = fix.applied(issue)
    assert issue.lead == "本期1条：国，内厂商，上市。"
    assert issue.entries[0].tags == ("2101.00001",)
    assert issue.entries[0].fields == {"摘要": "甲，乙。"}


def test_fixes_are_applied_one_after_the_other_and_each_shows_its_diff(newsletter: Newsletter, tmp_path: Path) -> None:
    store = DraftStore(tmp_path)
    path = store.path(DAY)
    path.parent.mkdir(parents=True)
    text = f"schema: 1\ndate: {DAY}\nlead: 国,内厂商 ，上市\nsections: []\n"
    path.write_text(text, encoding="utf-8")
    before = store.load(DAY)
    first, second = apply_fixes(before, lambda draft: check(draft.issue, context(newsletter)))
    assert first.before == before
    assert second.before == first.after
    assert [step.finding.rule for step in (first, second)] == ["halfwidth-punctuation", "space-before-punctuation"]
    assert first.diff == ("-lead: 国,内厂商 ，上市", "+lead: 国，内厂商 ，上市")
    assert second.after.issue.lead == "国，内厂商，上市"
    assert path.read_text(encoding="utf-8") == text, "no file is changed"


@pytest.mark.parametrize("number", range(6))
def test_fixes_are_those_of_a_check_after_each(number: int, newsletter: Newsletter, tmp_path: Path) -> None:
    """But for parts that depend on each other it isn't made: one check does for many."""
    write(tmp_path, number + 1)
    path = max(tmp_path.glob("*.yaml"))
    before = parse_draft(path.read_bytes(), path, datetime.date.fromisoformat(path.stem))
    checks = 0

    def found(draft: Draft) -> tuple[Finding, ...]:
        nonlocal checks
        checks += 1
        return check(draft.issue, context(newsletter), fixable_rules())

    steps = list(apply_fixes(before, found))
    assert len(steps) < 5 or checks < len(steps)
    tried = list[Fix]()
    for step in steps:
        fixes = [each.fix for each in found(step.before) if each.fix and each.fix.safe and each.fix not in tried]
        assert step.finding.fix == fixes[0]
        tried.append(fixes[0])
    assert not [each.fix for each in found(steps[-1].after) if each.fix and each.fix.safe and each.fix not in tried]


def test_a_rule_offers_a_fix_only_if_its_message_says_what_the_fix_does(newsletter: Newsletter) -> None:
    """So the rules without such a message need not run while fixes are applied."""
    offered = set()
    for _, text, _ in (example.values for example in EXAMPLES):
        issue, known = draft(text, newsletter)
        found = check(issue, known)
        offered |= {finding.rule for finding in found if finding.fix}
        assert check(issue, known, fixable_rules()) == tuple(each for each in found if each.rule in fixable_rules())
    assert offered == fixable_rules().keys()


def test_fixes_that_need_a_look_are_applied_only_on_demand(newsletter: Newsletter, tmp_path: Path) -> None:
    draft = DraftStore(tmp_path).create(DAY, Issue(date=DAY, lead="上市\u200b。"))
    found = lambda draft: check(draft.issue, context(newsletter))  # noqa: E731
    assert list(apply_fixes(draft, found)) == []
    assert [step.after.issue.lead for step in apply_fixes(draft, found, unsafe=True)] == ["上市。"]


def test_a_fix_that_does_not_cure_is_applied_once(tmp_path: Path) -> None:
    draft = DraftStore(tmp_path).create(DAY, Issue(date=DAY, lead="甲"))
    stubborn = Finding(
        rule="spacing",
        severity="note",
        message="",
        place=locate(draft.issue, ("lead",), "zh-CN"),
        fix=Fix(path=("lead",), value="乙", description="", safe=True),
    )
    assert [step.after.issue.lead for step in apply_fixes(draft, lambda _: [stubborn])] == ["乙"]


def test_what_is_not_known_is_not_checked(newsletter: Newsletter) -> None:
    issue = Issue(
        date=DAY,
        imported=True,
        headline=["甲"],
        lead="三件事：\n- 甲：乙",
        closing="往期回顾 [2031-04-13](./2031-04-13.md)",
        sections=[Section(name="往期回顾", items=[Raw(raw="甲")])],
    )
    assert {finding.rule for finding in check(issue, Context(newsletter))} == {"raw-text"}
    assert all(finding.line is None for finding in check(issue, Context(newsletter)))


def test_an_issue_may_list_itself_among_the_back_issues(newsletter: Newsletter) -> None:
    closing = f"往期回顾 [{DATES[0]}](a.md) [{DAY}](b.md) [2031-04-13](c.md)"
    found = check(Issue(date=DAY, closing=closing), Context(newsletter, DATES[:2]))
    assert [each.message for each in found if each.rule == "dead-back-issue"] == [
        "往期回顾里有 1 期不存在：2031-04-13。"
    ]


def test_another_newsletter_has_its_own_words_and_needs(potting_shed: Newsletter) -> None:
    issue = Issue(
        date=DAY,
        headline=["beans"],
        lead="3 stories. Seeds: beans; Sheds: a hoe.",
        sections=[
            Section(
                name="Seeds", items=[Item(title="Beans", url="https://e.com/a", text="Gist they grow.", status="ready")]
            ),
            Section(name="Tools", items=[Item(title="Hoe", url="https://github.com/shed/hoe", status="ready")]),
        ],
    )
    found = [(finding.rule, str(finding.place)) for finding in check(issue, context(potting_shed))]
    assert found == [
        ("lead-count", "Lead"),
        ("no-source", "Seeds 1 “Beans” · Source"),
        ("summary-without-colon", "Seeds 1 “Beans” · Text"),
        ("no-repo", "Tools 1 “Hoe” · Repository"),
    ]


# --- real issues ------------------------------------------------------------------------------------------------

KNOWN = {
    "2019-03-31": {"expiring-link", "same-page", "no-closing"},
    "2019-06-29": {"repeated-label", "no-repo"},
    "2019-10-03": {"no-link", "no-source"},
    "2019-11-18": {"same-page", "halfwidth-punctuation", "no-summary"},
    "2020-03-02": {"same-page", "repo-mismatch", "unbalanced-brackets"},
    "2020-09-17": {"stray-text"},
    "2021-01-05": {"lost-bullet", "no-closing"},
    "2021-07-18": {"repo-mismatch", "doubled-punctuation", "unbalanced-brackets"},
    "seed-002-2022-06-30": {"lead-skeleton", "lost-bullet", "no-headline", "empty-section"},
    "seed-003-2021-08-05": {"lead-missing", "empty-link", "warmup-without-text", "no-tag"},
}
"""Defects found in these issues by reading them."""

RARE = {"bad-url", "no-title", "unusual-head", "raw-text", "no-items", "heading-date", "reads-differently", "too-deep"}
RARE |= {"not-ready", "invisible-character", "summary-without-colon", "empty-label", "tag-mismatch", "lead-count"}
"""Rules with at most one finding in all of them."""


def test_real_issues_have_the_defects_they_are_known_for_and_little_else(
    real_issues: list[Path], newsletter: Newsletter
) -> None:
    days = tuple(datetime.date.fromisoformat(path.stem[-10:]) for path in real_issues)
    total: Counter[str] = Counter()
    for path, day in zip(real_issues, days, strict=True):
        issue = read(path.read_text(encoding="utf-8"), newsletter, date=day).issue
        known = context(newsletter)
        found = check(issue, known)
        total.update(finding.rule for finding in found)
        assert KNOWN.get(path.stem, set()) <= {finding.rule for finding in found}, path.name
        for finding in found:
            if finding.fix:
                assert_cured(issue, finding, known)
    assert all(total[rule] <= 1 for rule in RARE), total
    assert all(total[rule] <= 2 * len(real_issues) for rule in RULES), total


# --- rules that matter less -------------------------------------------------------------------------------------

TWO_PAPERS = """\
sections:
  - name: 论文
    items:
      - {title: 甲, url: "", waived: {empty-link: 原文已删}}
      - {title: 乙, url: ""}
"""


def test_a_finding_waived_with_a_reason_is_a_note_that_says_it(newsletter: Newsletter) -> None:
    found = [each for each in check(*draft(TWO_PAPERS, newsletter)) if each.rule == "empty-link"]
    assert [each.severity for each in found] == ["note", "error"]
    assert found[0].message.endswith("（免查：原文已删）")


@pytest.mark.parametrize("reason", ["", "  ", "\u200b"])
@pytest.mark.parametrize("level", ["issue", "item"])
def test_a_waiver_without_a_reason_takes_no_effect(level: str, reason: str, newsletter: Newsletter) -> None:
    waived = {"empty-link": reason}
    item = Item(title="甲", url="", waived=waived if level == "item" else {})
    issue = Issue(date=DAY, waived=waived if level == "issue" else {}, sections=(Section(name="论文", items=(item,)),))
    found = {each.rule: each for each in check(issue, context(newsletter.model_copy(update={"checks": {}})))}
    assert found["empty-link"].severity == "error"
    assert "免查" not in found["empty-link"].message
    assert found["waived-without-reason"].severity == "warning"


def test_an_issue_waives_a_rule_for_all_its_items(newsletter: Newsletter) -> None:
    found = check(*draft("waived: {empty-link: 链接以后补}\n" + TWO_PAPERS, newsletter))
    assert {each.severity for each in found if each.rule == "empty-link"} == {"note"}


def test_a_newsletter_says_how_much_a_rule_matters(newsletter: Newsletter) -> None:
    own = newsletter.model_copy(update={"checks": {"empty-link": "note", "no-headline": "off", "no-tag": "error"}})
    issue, _ = draft(TWO_PAPERS, newsletter)
    severities = {each.rule: each.severity for each in check(issue, context(own))}
    assert severities["empty-link"] == "note"
    assert severities["no-tag"] == "error"
    assert "no-headline" not in severities


def test_a_rule_that_newsletter_yaml_misspells_is_reported(newsletter: Newsletter) -> None:
    own = newsletter.model_copy(update={"checks": {"empty-links": "off"}})
    issue, _ = draft(TWO_PAPERS, newsletter)
    assert [each.message for each in check(issue, context(own)) if each.rule == "unknown-rule"] == [
        "没有叫“empty-links”的规则。"
    ]


# --- severities and reports -------------------------------------------------------------------------------------


def test_severities_stand_in_one_table_from_the_gravest_on() -> None:
    assert tuple(SEVERITIES) == get_args(Severity) == ("error", "warning", "note")
    assert count_severities(["note", "error", "note"]) == {"error": 1, "warning": 0, "note": 2}


def test_no_other_module_lists_the_severities() -> None:
    """Except the model, with the settings of newsletter.yaml."""
    columns = [set(SEVERITIES), *map(set, zip(*SEVERITIES.values(), strict=True))]
    for path in (PROJECT / "embedai_nb").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))) if path.stem not in {"severity", "model"} else ():
            if isinstance(node, ast.Dict | ast.Tuple | ast.List | ast.Set):
                entries = [*node.keys, *node.values] if isinstance(node, ast.Dict) else node.elts
                spelled = {entry.value for entry in entries if isinstance(entry, ast.Constant)}
                assert not any(column <= spelled for column in columns), f"{path}:{node.lineno}"


def reported(message: str, severity: Severity) -> list[CheckedDraft]:
    place = locate(Issue(date=DAY, lead="甲"), ("lead",), "zh-CN")
    finding = Finding(rule="bad-url", severity=severity, message=message, place=place, line=3)
    return [CheckedDraft("issues/drafts/2031-05-04.yaml", "2031-05-04", (finding,))]


@pytest.mark.parametrize(("severity", "command"), [("error", "error"), ("warning", "warning"), ("note", "notice")])
def test_an_annotation_is_one_command_whatever_the_message_holds(severity: Severity, command: str) -> None:
    said = "".join(REPORTS["github"](reported("100%\n::error::a\rb", severity)))
    where = "file=issues/drafts/2031-05-04.yaml,line=3,title=bad-url"
    assert said == f"::{command} {where}::导读：100%25%0A::error::a%0Db\n"


@pytest.mark.parametrize("severity", SEVERITIES)
def test_sarif_has_the_severity_and_line_of_each_finding(severity: Severity) -> None:
    (run,) = json.loads("".join(REPORTS["sarif"](reported("甲", severity))))["runs"]
    (result,) = run["results"]
    assert (result["level"], result["message"]["text"]) == (severity, "导读：甲")
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_sarif_names_the_program_and_says_what_each_rule_finds(language: str) -> None:
    say, place = translator(language), Location(path=("lead",), language=language)
    findings = tuple(Finding(rule=rule, severity="note", message="甲", place=place) for rule in RULES)
    (run,) = json.loads("".join(REPORTS["sarif"]([CheckedDraft("drafts/a.yaml", "2031-05-04", findings)])))["runs"]
    driver = run["tool"]["driver"]
    assert driver["version"] == embedai_nb.__version__
    assert urlsplit(driver["informationUri"]).scheme == "https"
    assert {rule["id"] for rule in driver["rules"]} == set(RULES)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"][0].isupper(), rule
        assert rule["shortDescription"]["text"] != rule["id"]
        text = say.template(MESSAGES[rule["id"]].text, 2)
        assert rule["fullDescription"]["text"] == text
        assert rule["help"]["text"].startswith(text)
        assert rule["defaultConfiguration"]["level"] == MESSAGES[rule["id"]].severity


def test_the_table_of_rules_says_the_severity_of_its_lines() -> None:
    def one(severity: Severity) -> Finding:
        return Finding(rule="empty-link", severity=severity, message="甲", place=Location(path=("lead",)))

    drafts = [
        CheckedDraft("a", "2031-05-04", (one("error"), one("error"))),
        CheckedDraft("b", "2031-05-05", (one("warning"),)),
    ]
    text = "".join(REPORTS["text"](drafts))
    rows = [line.split() for line in text.splitlines() if line.startswith("empty-link")]
    assert rows == [["empty-link", "error", "2", "1"], ["empty-link", "warning", "1", "1"]]


# --- the limits of WeChat ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("characters", "size", "rule"),
    [
        (17_000, 999_999, None),
        (17_001, 999_999, "wechat-nearly-full"),
        (19_999, 999_999, "wechat-nearly-full"),
        (20_000, 999_999, "wechat-too-long"),
        (1, 1_000_000, "wechat-too-long"),
    ],
)
def test_an_article_fits_up_to_the_last_character_below_the_limit(
    characters: int, size: int, rule: str | None, newsletter: Newsletter
) -> None:
    budget = Budget(title="甲", whole_title="甲", digest="", characters=characters, bytes=size)
    assert budget.fits == (rule != "wechat-too-long")
    found = check(Issue(date=DAY), context(newsletter, wechat_budget=lambda _: budget))
    assert [each.rule for each in found if each.rule.startswith("wechat")] == ([rule] if rule else [])
