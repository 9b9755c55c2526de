"""Text tools: entities as CommonMark decodes them, folding as both searches need it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedai_nb.text.entities import decode_entities, unescape_markdown
from embedai_nb.text.folding import fold, normalized


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("&copy; &#169; &#xA9; &#Xa9;", "© © © ©"),
        ("&amp;copy;", "&copy;"),
        ("&copy=1&times&region&para=2", "&copy=1&times&region&para=2"),
        ("&notit; &; &#; &#xg; &#9999999999;", "&notit; &; &#; &#xg; &#9999999999;"),
        ("&NotEqualTilde;&nbsp;", "≂̸\u00a0"),
    ],
)
def test_an_entity_ends_in_a_semicolon(text: str, decoded: str) -> None:
    assert decode_entities(text) == decoded
    assert unescape_markdown(text) == decoded


def test_backslashes_are_markup_in_markdown_only() -> None:
    assert unescape_markdown(r"a\_b\\c\d&amp;") == r"a_b\c\d&"
    assert decode_entities(r"a\_b\\c\d&amp;") == r"a\_b\\c\d&"


@given(st.text())
def test_both_normalizers_fold_letters_and_digits_alike(text: str) -> None:
    assert fold(text) == "".join(map(fold, text))
    assert len(fold(text)) == len(text)
    assert normalized(fold(text)) == normalized(text)
    assert normalized(normalized(text)) == normalized(text)


@pytest.mark.parametrize("text", ["ＮＰＵ", "npu", "Ｎpu"])
def test_case_and_width_make_no_difference(text: str) -> None:
    assert fold(text) == normalized(text) == "npu"
    assert unicodedata.is_normalized("NFKC", fold(text))
