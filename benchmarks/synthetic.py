"""Issues that nobody wrote, shaped like the real ones: sizes, links, sources, defects.  The same seed gives the same.

The frequencies are those of 29 real drafts.  About one draft in four has an error and isn't published as it is, which
is the share of the real ones, 7 of 29, taken for new drafts.
"""

from __future__ import annotations

import datetime
import itertools
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

IDEOGRAPHS = [bytes([row, column]).decode("gb2312") for row in range(0xB0, 0xD7) for column in range(0xA1, 0xFF)]
"""The 3,666 most usual ones: level 1 of GB 2312 without its last, incomplete row."""
USUAL = [
    "芯片",
    "模型",
    "量化",
    "推理",
    "训练",
    "部署",
    "神经网络",
    "加速",
    "开源",
    "算力",
    "内存",
    "端侧",
    "压缩",
    "剪枝",
    "蒸馏",
    "编译器",
    "框架",
    "处理器",
    "架构",
    "性能",
]
LATIN = [
    "AI",
    "NPU",
    "GPU",
    "ARM",
    "RISC-V",
    "TensorFlow",
    "PyTorch",
    "ncnn",
    "TVM",
    "MLPerf",
    "INT8",
    "Transformer",
    "MobileNetV3",
    "CUDA",
    "FPGA",
    "SoC",
    "MCU",
]
SYLLABLES = [a + b + c for a in "bcdfgklmnprstv" for b in "aeiou" for c in ("", "n", "r", "x")]
FIRST = datetime.date(1900, 1, 1)
SOURCES = 159
BACK_ISSUES = 32
"""As many are listed in an issue: the real archive never had more."""
PARAGRAPHS = {1: 198, 2: 113, 3: 75, 4: 38, 5: 17, 6: 17, 10: 5, 20: 1}
"""How many summaries have so many."""

LICENCE = "本作品采用[知识共享许可协议](https://creativecommons.org/licenses/by-sa/4.0/)进行许可。"
CLOSING = (
    """## [往期回顾](https://github.com/ysh329/awesome-embedded-ai)

{table}

----

- WeChat: NeuralTalk

----

"""
    + LICENCE
)
SKELETON = "【新闻】；【论文】；【开源】；【博文】。"


class Kind(NamedTuple):
    """What the items of a section are like: how many there are, and what part of them has what."""

    name: str
    items: float
    source: float
    tag: float
    repo: float
    sites: dict[str, float]


WECHAT = "https://mp.weixin.qq.com/s/{name}"
ZHIHU = "https://zhuanlan.zhihu.com/p/{number}"
ARXIV = "https://arxiv.org/abs/{tag}"
GITHUB = "https://github.com/{repo}"
ELSEWHERE = "https://www.{short}.com/{name}.html"
KINDS = (
    Kind("业界新闻", 4.9, 0.986, 0, 0, {WECHAT: 0.9, ELSEWHERE: 0.1}),
    Kind("论文", 3.4, 0.8, 0.54, 0, {WECHAT: 0.8, ARXIV: 0.15, ELSEWHERE: 0.05}),
    Kind("开源项目", 3.7, 0.48, 0, 0.76, {WECHAT: 0.5, GITHUB: 0.5}),
    Kind("博文", 4.7, 0.985, 0, 0, {WECHAT: 0.6, ZHIHU: 0.25, ELSEWHERE: 0.15}),
)

REPEATED = 0.2
"""How many items of the issue before an issue has that repeats any; with most of them it would be the same issue."""

SLIPS = (
    (0.036, r"(?<=\w)，", " ，"),
    (0.024, r"(?<=[一-龥])，(?=[一-龥])", ","),
    (0.02, r"，", "，（"),
    (0.006, r"，", "，，"),
)
"""How often a summary has something wrong with its punctuation, and what."""


class Head(NamedTuple):
    """What later issues may repeat."""

    title: str
    url: str
    tag: str
    repo: str


class Language:
    """Words and phrases with the frequencies that these have.

    Of the characters in real issues 35 % are ideographs; of 76,000 pairs of neighbours in 26 issues 31 % are different
    ones.  Both hold here, and with them what an index of pairs has to bear.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        words = [*_mixed(USUAL, LATIN), *(self._word() for _ in range(12_000))]
        weights = _accumulated(words, 15)
        self.phrases = [
            _joined(chance.choices(words, cum_weights=weights, k=chance.randint(2, 5))) for _ in range(40_000)
        ]
        self.spaced = [_spaced(phrase) for phrase in self.phrases]
        self.weights = _accumulated(self.phrases, 250)

    def _word(self) -> str:
        if self.chance.random() < 0.2:
            return "".join(self.chance.choices(SYLLABLES, k=self.chance.randint(1, 4)))
        return "".join(self.chance.choices(IDEOGRAPHS, k=self.chance.choice((1, 2, 2, 2, 2, 3, 4))))

    def text(self, characters: int) -> str:
        """About so many characters of prose; whether there are spaces around Latin words is a matter of taste."""
        phrases = self.spaced if self.chance.random() < 0.55 else self.phrases
        found, length = list[str](), 0
        while length < characters:
            found.append(self.chance.choices(phrases, cum_weights=self.weights)[0])
            length += len(found[-1]) + 1
        return "，".join(found) + "。"

    def name(self, characters: int) -> str:
        """A word or two, without punctuation."""
        return self.chance.choice(self.phrases)[:characters].strip()

    def title(self) -> str:
        return self.text(self.length(3.4, 0.4, 15, 169)).rstrip("。")

    def length(self, mean: float, deviation: float, least: int, most: int) -> int:
        """How long texts of one sort are: a log-normal distribution fits those of the archive."""
        return min(most, max(least, round(self.chance.lognormvariate(mean, deviation))))


def _accumulated(things: Sequence[str], flat: int) -> list[float]:
    """Zipf's law, a little flattened at the top."""
    return list(itertools.accumulate(1 / (rank + flat) for rank in range(len(things))))


def _joined(words: Sequence[str]) -> str:
    """Words one after another, with a space where both are Latin."""
    return re.sub(r"(?<![A-Za-z0-9])/|/(?![A-Za-z0-9])", "", "/".join(words)).replace("/", " ")


def _spaced(text: str) -> str:
    return re.sub(r"(?<=[一-龥])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[一-龥])", " ", text)


def _mixed(*lists: Sequence[str]) -> Iterator[str]:
    return (word for words in itertools.zip_longest(*lists) for word in words if word)


class Author:
    """Writes one draft after another, and remembers what was in them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.language = Language(self.chance)
        self.sources = [self.language.name(6) for _ in range(SOURCES)]
        self.popular = _accumulated(self.sources, 2)
        self.repos = ["first/one"]
        self.last: dict[str, list[Head]] = {}
        self.verbosity = 0.0

    def draft(self, number: int) -> dict[str, Any]:
        """The draft of one date, one every three days."""
        sections = self._sections()
        draft: dict[str, Any] = {"schema": 1, "date": _date(number)}
        if self._happens(0.93):
            draft["headline"] = [self.language.name(10) for _ in range(self.chance.randint(3, 6))]
        if lead := self._lead(sections):
            draft["lead"] = lead
        draft["warmups"] = [] if self._happens(0.55) else self._warmups()
        draft["sections"] = sections
        draft["closing"] = self._closing(number) if self._happens(0.79) else ""
        return draft

    def _happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def _lead(self, sections: list[dict[str, Any]]) -> str:
        """Nothing when it is to be written by the program."""
        if self._happens(0.03):
            return SKELETON
        count = sum(len(section["items"]) for section in sections)
        return f"本期{count}条。{self.language.text(self.language.length(6.2, 0.4, 100, 1086))}" * self._happens(0.45)

    def _warmups(self) -> list[dict[str, Any]]:
        """A few lose their bullet, and some company has no news."""
        entries = [
            {"company": self.language.name(6), "text": self.language.text(self.language.length(4.2, 0.6, 20, 276))}
            for _ in range(self.chance.randint(2, 12))
        ]
        if self._happens(0.06):
            entries[-1] = {"company": "三星", "text": ""}
        if self._happens(0.15):
            entries[:2] = [{"raw": f"{entry['company']}：{entry['text']}"} for entry in entries[:2]]
        return entries

    def _closing(self, number: int) -> str:
        """Back issues, two that never existed among them, and once in a while what was pasted there by mistake."""
        listed = [_date(other) for other in range(number - 1, max(-1, number - 1 - BACK_ISSUES), -1)]
        if self._happens(0.95):
            listed += [FIRST - datetime.timedelta(days=days) for days in (1, 2)]
        stray = "\n\n10.0.0.1" * self._happens(0.03)
        return CLOSING.format(table="\n".join(_table(listed))) + stray

    # --- sections -------------------------------------------------------------------------------------------------

    def _sections(self) -> list[dict[str, Any]]:
        count = min(23, max(6, round(self.chance.gauss(17.6, 3.6))))
        kinds = self.chance.choices(KINDS, [kind.items for kind in KINDS], k=count)
        expiring, repeating = self._happens(0.13), self._happens(0.03)
        self.verbosity = self.chance.gauss(5.47, 0.25)
        known, self.last = self.last, {kind.name: [] for kind in KINDS}
        sections = []
        for kind in KINDS:
            old = (head for head in known.get(kind.name, []) if repeating and self._happens(REPEATED))
            items = [self._item(kind, self._head(kind, next(old, None)), expiring) for _ in range(kinds.count(kind))]
            sections.append({"name": kind.name, "items": items})
        return sections

    def _head(self, kind: Kind, old: Head | None) -> Head:
        head = old or Head(self.language.title(), *self._address(kind))
        here = self.last[kind.name]
        if here and self._happens(0.01):
            head = head._replace(url=here[-1].url)
        here.append(head)
        return head

    def _address(self, kind: Kind) -> tuple[str, str, str]:
        """Where an item leads to, and the number of the paper and the name of the repository that are there."""
        name = f"{self.chance.getrandbits(60):015x}"
        parts = {"name": name, "short": name[:6], "number": int(name[:8], 16)}
        tag = f"{self.chance.randint(1000, 2999)}.{self.chance.randint(10000, 99999)}"
        site = self.chance.choices(list(kind.sites), list(kind.sites.values()))[0]
        repo = f"o{name[:6]}/{name[6:]}"
        if kind.repo and site == WECHAT and self._happens(0.13):
            repo = self.chance.choice(self.repos)
        self.repos += [repo] * bool(kind.repo)
        return site.format(tag=tag, repo=repo, **parts), tag, repo

    def _item(self, kind: Kind, head: Head, expiring: bool) -> dict[str, Any]:
        item: dict[str, Any] = {"title": head.title}
        if self._happens(kind.source):
            item["source"] = self.chance.choices(self.sources, cum_weights=self.popular)[0]
        if self._happens(0.996):
            item["url"] = head.url + "?timestamp=1561437428&signature=4pYN2" * (
                expiring and "weixin" in head.url and self._happens(0.8)
            )
        if self._happens(kind.tag):
            item["tags"] = [head.tag]
        if self._happens(kind.repo):
            item["repo"] = f"{head.repo}{'-old' * self._happens(0.05)}"
        if self._happens(0.02):
            item["links"] = [{"text": "解读", "url": WECHAT.format(name=head.tag) * self._happens(0.9)}]
        if fields := dict(self._fields(kind, head)):
            item["fields"] = fields
        return item | {"hook": self.language.text(10).rstrip("。"), "status": "ready"}

    def _fields(self, kind: Kind, head: Head) -> Iterator[tuple[str, str]]:
        if self._happens(0.97):
            count = self.chance.choices(list(PARAGRAPHS), list(PARAGRAPHS.values()))[0]
            length = self.language.length(self.verbosity, 0.6, 14, 1586)
            yield "摘要", self._slipped("\n".join(self.language.text(length // count) for _ in range(count)))
        if self._happens(0.25):
            yield ("地址", GITHUB.format(repo=head.repo)) if kind.repo else ("链接", head.url)

    def _slipped(self, text: str) -> str:
        for probability, right, wrong in SLIPS:
            if self._happens(probability):
                text = re.sub(right, wrong, text, count=1)
        return text


def _date(number: int) -> datetime.date:
    return FIRST + datetime.timedelta(days=3 * number)


def _table(dates: Sequence[datetime.date]) -> Iterator[str]:
    """Four dates a line."""
    cells = [f"[{date}](../embedded-ai-report/{date}.md)" for date in dates]
    yield from ("| 往 | 期 | 回 | 顾 |", "|:---:|:---:|:---:|:---:|")
    for start in range(0, len(cells), 4):
        yield f"| {' | '.join((cells[start : start + 4] + [' '] * 3)[:4])} |"


# --- files ----------------------------------------------------------------------------------------------------


def _lines(value: Any, indent: str = "") -> Iterator[str]:
    """The lines of a draft: YAML as one writes it."""
    for name, part in value.items():
        if isinstance(part, dict):
            yield from (f"{indent}{name}:", *_lines(part, f"{indent}  "))
        elif isinstance(part, list) and part and isinstance(part[0], dict):
            yield f"{indent}{name}:"
            for entry in part:
                first, *others = _lines(entry, f"{indent}    ")
                yield from (f"{indent}  - {first.lstrip()}", *others)
        elif isinstance(part, str) and "\n" in part:
            yield f"{indent}{name}: |-"
            yield from (f"{indent}  {line}".rstrip() for line in part.split("\n"))
        else:
            yield f"{indent}{name}: {json.dumps(part, ensure_ascii=False) if isinstance(part, str | list) else part}"


def drafts(count: int, seed: int = 1) -> Iterator[tuple[datetime.date, str]]:
    """So many drafts, one every three days; the first of many are those of few."""
    author = Author(seed)
    for number in range(count):
        yield _date(number), "".join(f"{line}\n" for line in _lines(author.draft(number)))


def write(folder: Path, count: int, seed: int = 1) -> int:
    """Write so many drafts; returns the bytes of all."""
    size = 0
    for date, text in drafts(count, seed):
        size += (folder / f"{date}.yaml").write_bytes(text.encode())
    return size
