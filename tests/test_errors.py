"""Errors: one line that names what there is to name, whatever a message holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from embedai_nb.errors import EmbedAIError, MissingExtraError, UsageError


@pytest.mark.parametrize(
    ("context", "line"),
    [
        ({}, "it is wrong"),
        ({"path": Path("a.yaml")}, "a.yaml: it is wrong"),
        ({"path": "a.yaml", "line": 3}, "a.yaml:3: it is wrong"),
        ({"path": "a.yaml", "line": 3, "item": "论文 2", "field": "url"}, "a.yaml:3: 论文 2: url: it is wrong"),
        ({"item": "论文 2", "remedy": "mend it"}, "论文 2: it is wrong; mend it"),
    ],
)
def test_an_error_names_file_line_item_field_and_remedy(context: dict[str, Any], line: str) -> None:
    assert str(EmbedAIError("it is wrong", **context)) == line


def test_an_error_is_one_line() -> None:
    error = EmbedAIError("it\nis\r\n\twrong", path="a\nb.yaml", item="x\u2028y", remedy="mend\nit")
    assert str(error) == "a b.yaml: x y: it is wrong; mend it"
    assert len(str(error).splitlines()) == 1


def test_an_error_is_said_in_the_newsletters_language() -> None:
    error = MissingExtraError("pandas", "parquet")
    error.field = "--format"
    assert error.message_in("en") == (
        "--format: pandas is not installed; install it: pip install 'embedai-nb[parquet]'"
    )
    assert error.message_in("zh-CN") == ("--format：没有安装 pandas；安装它：pip install 'embedai-nb[parquet]'")


def test_a_wrong_call_has_an_exit_status_of_its_own() -> None:
    assert (EmbedAIError.exit_status, UsageError.exit_status) == (1, 2)
