"""Shared fixtures, what a worker of pytest-xdist runs in which order, and the summary of what was skipped."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from embedai_nb.drafts import load_newsletter
from embedai_nb.model import Newsletter

pytest_plugins = ["tests.clones"]

PROJECT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data"
SHARED = PROJECT.parent / "shared"

os.environ["LANGUAGE"] = "en"
"""Of the command line, here and in all processes that tests start, whatever the locale of who runs them."""

LONGEST = ("browser", "processes")
"""Markers of tests that take longest."""

DEBIAN = {"chromium": "chromium fonts-noto-cjk"}
"""The Debian packages of a program, where they are not called like it."""

settings.register_profile(
    "usual",
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="CI" in os.environ,  # there the same examples each time; new ones are for those who can look into them
)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=1000, derandomize=False)
settings.load_profile("usual")


def one_in(number: int) -> settings:
    """Settings of a property whose examples take long: as many as one in so many of the usual ones."""
    return settings(max_examples=max(1, settings.default.max_examples // number))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; then no worker waits for another at the end.

    They are run as `--dist loadfile --no-loadscope-reorder` says, a file by one worker; `--dist loadgroup` of pytest-xdist 3.8
    passes over the groups of pytest 9.2.
    """
    ranks: dict[Path, int] = {}
    for item in items:
        rank = next((number for number, name in enumerate(LONGEST) if item.get_closest_marker(name)), len(LONGEST))
        ranks[item.path] = min(rank, ranks.get(item.path, rank))
    items.sort(key=lambda item: ranks[item.path])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped and why, and how to install the programs that lack."""
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped"))
    if not reasons:
        return
    terminalreporter.section("skipped")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count} tests: {reason}" if count > 1 else f"1 test: {reason}")
    programs = {program for reason in reasons for program in re.findall(r"no (\S+) on the PATH", reason)}
    if programs:
        packages = " ".join(sorted(DEBIAN.get(program, program) for program in programs))
        terminalreporter.line(f"To run them, on Debian or Ubuntu: sudo apt-get install {packages}")


@pytest.fixture(scope="session")
def newsletter() -> Newsletter:
    """嵌入式AI简报, as it is published."""
    return load_newsletter(PROJECT / "issues" / "newsletter.yaml")


@pytest.fixture(scope="session")
def potting_shed() -> Newsletter:
    """Another one, in English, with other sections: no code knows either."""
    return load_newsletter(DATA / "newsletters" / "potting-shed" / "newsletter.yaml")


@pytest.fixture(scope="session")
def real_issues() -> list[Path]:
    """Real issues, published and unfinished ones."""
    files = sorted([*(SHARED / "archive").glob("*.md"), *(SHARED / "drafts").glob("*.md")])
    if not files:
        pytest.skip(f"no real issues in {SHARED}")
    return files
