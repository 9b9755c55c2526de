"""Issues that nobody wrote, shaped like the real ones: sizes, links, sources, defects.  The same seed gives the same."""

from __future__ import annotations

import datetime
import itertools
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

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
SECTIONS = (("业界新闻", 5), ("论文", 4), ("开源项目", 5), ("博文", 4))
SOURCES = 159
FIRST = datetime.date(1900, 1, 1)


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
        self.weights = _accumulated(self.phrases, 250)

    def _word(self) -> str:
        if self.chance.random() < 0.2:
            return "".join(self.chance.choices(SYLLABLES, k=self.chance.randint(1, 4)))
        return "".join(self.chance.choices(IDEOGRAPHS, k=self.chance.choice((1, 2, 2, 2, 2, 3, 4))))

    def text(self, characters: int) -> str:
        """About so many characters of prose."""
        found, length = list[str](), 0
        while length < characters:
            found.append(self.chance.choices(self.phrases, cum_weights=self.weights)[0])
            length += len(found[-1]) + 1
        return "，".join(found) + "。"

    def title(self) -> str:
        return self.text(self.chance.randint(8, 30)).rstrip("。")


def _accumulated(things: Sequence[str], flat: int) -> list[float]:
    """Zipf's law, a little flattened at the top."""
    return list(itertools.accumulate(1 / (rank + flat) for rank in range(len(things))))


def _joined(words: Sequence[str]) -> str:
    """Words one after another, with a space where both are Latin."""
    return re.sub(r"(?<![A-Za-z0-9])/|/(?![A-Za-z0-9])", "", "/".join(words)).replace("/", " ")


def _mixed(*lists: Sequence[str]) -> Iterator[str]:
    return (word for words in itertools.zip_longest(*lists) for word in words if word)


def drafts(count: int, seed: int = 1) -> Iterator[tuple[datetime.date, str]]:
    """So many drafts, one every three days."""
    chance = random.Random(seed)
    language = Language(chance)
    sources = [language.title()[:6] for _ in range(SOURCES)]
    links: list[str] = []
    for n in range(count):
        date = FIRST + datetime.timedelta(days=3 * n)
        yield date, "".join(_draft(date, chance, language, sources, links))


def _draft(
    date: datetime.date, chance: random.Random, language: Language, sources: list[str], links: list[str]
) -> Iterator[str]:
    yield f"schema: 1\ndate: {date}\nheadline: [{_text(language.title())}]\nlead: {_text(language.text(150))}\nwarmups:\n"
    for _ in range(chance.randint(2, 12)):
        yield f"  - {{company: {_text(language.title()[:4])}, text: {_text(language.text(60))}}}\n"
    yield "sections:\n"
    items = min(23, max(6, round(chance.gauss(18, 4))))
    for name, share in SECTIONS:
        yield f"  - name: {name}\n    items:\n"
        for _ in range(max(1, round(items * share / 18))):
            yield from _item(name, chance, language, sources, links)


def _item(
    section: str, chance: random.Random, language: Language, sources: list[str], links: list[str]
) -> Iterator[str]:
    """An item; one in sixty has no link, one in sixty one of an earlier issue, one in forty no summary, as it is."""
    yield f"      - title: {_text(language.title())}\n"
    if section in ("业界新闻", "博文") and chance.random() > 0.05:
        yield f"        source: {_text(chance.choice(sources))}\n"
    links.append(_link(section, chance))
    url = chance.choice(links) if chance.random() < 1 / 60 else links[-1]
    if chance.random() > 1 / 60:
        yield f"        url: {url}\n"
    if section == "论文":
        yield f'        tags: ["{chance.randint(1000, 2999)}.{chance.randint(10000, 99999)}"]\n'
    if section == "开源项目":
        yield f"        repo: {url.removeprefix('https://github.com/')}\n"
    if chance.random() > 1 / 40:
        length = min(1586, max(6, round(chance.lognormvariate(5.5, 0.6))))
        paragraphs = [language.text(length // 3) for _ in range(3)]
        yield "        fields:\n          摘要: |\n" + "".join(f"            {text}\n" for text in paragraphs)
    yield f"        hook: {_text(language.text(10))}\n        status: ready\n"


def _link(section: str, chance: random.Random) -> str:
    name = f"{chance.getrandbits(60):x}"
    if section == "开源项目":
        return f"https://github.com/o{name[:6]}/{name[6:]}"
    return f"https://mp.weixin.qq.com/s/{name}" if chance.random() < 0.8 else f"https://example.com/{name}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def write(folder: Path, count: int, seed: int = 1) -> int:
    """Write so many drafts; returns the bytes of all."""
    size = 0
    for date, text in drafts(count, seed):
        size += (folder / f"{date}.yaml").write_bytes(text.encode())
    return size
