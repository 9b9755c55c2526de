"""The JSON Schema of newsletter.yaml: it is the model's, lies beside the file, and tells good ones from bad ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from embedai_nb.cli.init_command import LANGUAGES
from embedai_nb.drafts.fields import NEWSLETTER_SCHEMA_FILE
from embedai_nb.drafts.schema import newsletter_schema, text
from embedai_nb.init.new_files import NewNewsletter, newsletter

from .conftest import DATA, PROJECT

jsonschema = pytest.importorskip("jsonschema")

SAMPLES = [PROJECT / "issues" / "newsletter.yaml", *sorted((DATA / "newsletters").glob("*/newsletter.yaml"))]
FIRST = "# yaml-language-server: $schema=.schema/newsletter.json\n"


def errors(data: Any) -> list[str]:
    """The paths of what the schema finds wrong."""
    validator = jsonschema.Draft202012Validator(newsletter_schema())
    return sorted("/".join(map(str, error.absolute_path)) for error in validator.iter_errors(data))


def test_the_schema_is_that_of_the_model() -> None:
    jsonschema.Draft202012Validator.check_schema(newsletter_schema())
    assert NEWSLETTER_SCHEMA_FILE.read_text(encoding="utf-8") == text(newsletter_schema()), "make schema"


def test_the_sample_names_the_copy_beside_it() -> None:
    assert SAMPLES[0].read_text(encoding="utf-8").startswith(FIRST)
    copy = PROJECT / "issues" / ".schema" / "newsletter.json"
    assert copy.read_bytes() == NEWSLETTER_SCHEMA_FILE.read_bytes(), "make schema"


def test_there_are_samples() -> None:
    assert len(SAMPLES) > 1


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_samples_follow_it(path: Path) -> None:
    assert errors(yaml.safe_load(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_newsletter_names_it_and_follows_it(language: str) -> None:
    made = newsletter(NewNewsletter("甲", language))
    assert made.startswith(FIRST)
    assert errors(yaml.safe_load(made)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_so_do_the_lines_that_are_comments_in_it(language: str) -> None:
    """Whoever removes the `# ` of all examples has a newsletter.yaml that is valid."""
    lines = newsletter(NewNewsletter("甲", language)).splitlines()
    keys = tuple(f"# {key}:" for key in newsletter_schema()["properties"])
    shown = [line[2:] if line.startswith((*keys, "#   - {")) else line for line in lines]
    loaded = yaml.safe_load("\n".join(shown))
    assert {"tagline", "contacts", "licence", "site_url", "inbox"} <= set(loaded)
    assert errors(loaded) == []


@pytest.mark.parametrize(
    "good",
    [
        {"name": "A"},
        {"name": "A", "tagline": None, "sections": None},
        {"name": "A", "marks": {"colon": ": "}, "lead": {"end": "."}},
        {"name": "A", "inbox": [{"feed": "https://example.org/", "source": "B"}]},
    ],
)
def test_what_may_be_left_out_may(good: Any) -> None:
    assert errors(good) == []


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        ({}, ""),
        ({"name": None}, "name"),
        ({"name": "A", "colour": "red"}, ""),
        ({"name": "A", "sections": [{"short": "B"}]}, "sections/0"),
        ({"name": "A", "sections": [{"name": "B", "needs": ["author"]}]}, "sections/0/needs/0"),
        ({"name": "A", "images": "hide"}, "images"),
        ({"name": "A", "wechat": "perhaps"}, "wechat"),
        ({"name": "A", "cell_memory": 0}, "cell_memory"),
        ({"name": "A", "checks": {"empty-link": "fatal"}}, "checks/empty-link"),
        ({"name": "A", "inbox": [{"source": "B"}]}, "inbox/0"),
        ({"name": "A", "inbox": [{"feed": "a", "topic": "b"}]}, "inbox/0"),
    ],
)
def test_what_is_wrong_is_found(bad: Any, where: str) -> None:
    assert any(path.startswith(where) for path in errors(bad))
