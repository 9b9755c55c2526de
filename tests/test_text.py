"""Text tools: entities as CommonMark decodes them."""

from __future__ import annotations

import pytest

from embedai_nb.text.entities import decode_entities, unescape_markdown


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
