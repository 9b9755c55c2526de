"""The targets of `make fuzz`, each with its corpus and a few changes of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from .fuzz_targets import CORPORA, TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_corpus(name: str) -> None:
    target = TARGETS[name]
    target.run(b"")
    for path in sorted((CORPORA / target.corpus).glob("*")) if target.corpus else ():
        target.run(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_what_is_near_it(name: str) -> None:
    @settings(max_examples=15)
    @given(TARGETS[name].strategy)
    def run(data: bytes) -> None:
        TARGETS[name].run(data)

    run()


def test_each_corpus_has_a_target() -> None:
    assert {path.name for path in CORPORA.iterdir()} == {target.corpus for target in TARGETS.values()} - {""}
