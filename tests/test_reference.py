"""docs/commands.md is made from the commands, and is what they say now."""

from __future__ import annotations

import re

import click
import pytest

from embedai_nb.cli import commands
from embedai_nb.cli.group import MODULES
from embedai_nb.cli.reference import DOCS, PAGES, reference
from tests.conftest import PROJECT


@pytest.mark.parametrize("language", PAGES)
def test_the_reference_is_what_the_commands_say(language: str) -> None:
    assert (DOCS / PAGES[language]).read_text(encoding="utf-8") == reference(language), "make reference"


@pytest.mark.parametrize("language", PAGES)
def test_it_has_every_command_with_every_option(language: str) -> None:
    parts = dict(re.findall(r"^## embedai (\S+)\n(.*?)(?=^## |\Z)", reference(language), re.DOTALL | re.MULTILINE))
    assert parts.keys() == MODULES.keys()
    for name in MODULES:
        command = commands.get_command(click.Context(commands), name)
        for option in command.params if command else ():
            if isinstance(option, click.Option):
                assert option.opts[-1] in parts[name], name


def test_it_is_in_the_language_of_the_page() -> None:
    assert "Publish all issues that are out of date." in reference("en")
    assert "发布所有有变化的期。" in reference("zh_CN")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_leads_to_it_and_names_no_other_command(readme: str) -> None:
    text = (PROJECT / readme).read_text(encoding="utf-8")
    assert f"docs/commands{'.zh-CN' * ('zh' in readme)}.md" in text
    named = set(re.findall(r"`embedai (?:--issues DIR )?([a-z][a-z-]*)", text))
    assert len(named) > 10
    assert named <= MODULES.keys()
