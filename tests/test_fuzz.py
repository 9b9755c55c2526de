"""The targets of `make fuzz`, each with its corpus and a few changes of it."""

from __future__ import annotations

import pytest
from hypothesis import given

from .conftest import one_in
from .fuzz_targets import CORPORA, TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_corpus(name: str) -> None:
    target = TARGETS[name]
    target.run(b"")
    for path in sorted((CORPORA / target.corpus).glob("*")) if target.corpus else ():
        target.run(path.read_bytes())


def test_an_item_that_only_an_index_of_the_catalogue_names_is_damage() -> None:
    TARGETS["catalogue"].run(b"35\0")


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_what_is_near_it(name: str) -> None:
    @one_in(3)
    @given(TARGETS[name].strategy)
    def run(data: bytes) -> None:
        TARGETS[name].run(data)

    run()


def test_each_corpus_has_a_target() -> None:
    assert {path.name for path in CORPORA.iterdir()} == {target.corpus for target in TARGETS.values()} - {""}
