"""Warming up: what a process makes once is there afterwards, and nothing that could not be forked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from embedai_nb.html import render
from embedai_nb.html.environment import templates
from embedai_nb.warm import warm_up

TASKS, FILES = Path("/proc/self/task"), Path("/proc/self/fd")


def test_parsers_and_templates_are_there_afterwards() -> None:
    render._parser.cache_clear()
    templates.cache_clear()
    warm_up()
    assert render._parser.cache_info().currsize == 3
    assert {name for _, name in templates().cache or {}} >= {"fragment.html.j2", "document.html.j2"}


@pytest.mark.skipif(not TASKS.exists(), reason="only Linux tells")
def test_it_leaves_neither_a_thread_nor_an_open_file() -> None:
    before = len(os.listdir(TASKS)), len(os.listdir(FILES))
    warm_up()
    assert (len(os.listdir(TASKS)), len(os.listdir(FILES))) == before
