"""The files of a new newsletter: what it is to be → content by path; nothing is written to disk here."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml

from embedai_nb import __version__
from embedai_nb.drafts import Draft, template, with_issue
from embedai_nb.drafts.fields import parse_issue, parse_newsletter
from embedai_nb.drafts.store import HEAD, parse_draft, schema_files
from embedai_nb.drafts.yaml_reader import read
from embedai_nb.drafts.yaml_writer import dump_inline
from embedai_nb.model import Issue, Newsletter, Section, SectionStyle
from embedai_nb.workspace import layout
from embedai_nb.workspace.workflow_files import workflow_files

__all__ = ["NewNewsletter", "default_sections", "draft", "project_files"]

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class NewNewsletter:
    """What a new newsletter is to be.

    Args:
        name: as readers see it.
        language: ``zh-CN`` or ``en``.
        sections: their names in order; none: those that `default_sections` gives.
        example: whether the first draft is filled in.
        notebook: whether it has a copy of the notebook, to be changed.
        github: whether it has what GitHub reads: workflows, and the container in which the form is opened.
    """

    name: str
    language: str
    sections: tuple[str, ...] = ()
    example: bool = False
    notebook: bool = False
    github: bool = True


def default_sections(language: str) -> tuple[SectionStyle, ...]:
    """The sections of a newsletter that names none."""
    return tuple(SectionStyle.model_validate(each) for each in yaml.safe_load(_text(language, "sections.yaml")))


def newsletter(wanted: NewNewsletter) -> str:
    """Write newsletter.yaml."""
    known = {style.name: style for style in default_sections(wanted.language)}
    styles = [known.get(name) or SectionStyle(name=name) for name in wanted.sections or known]
    return _render(wanted, "newsletter.yaml.j2", styles=styles, schema=layout.NEWSLETTER_SCHEMA)


def draft(date: datetime.date, wanted: NewNewsletter, settings: Newsletter) -> bytes:
    """Write the first draft, empty or an example.

    Items of the example go into the sections by number, whatever these are called here.
    """
    path = Path(layout.draft(date.isoformat()))
    empty = parse_draft((HEAD + template(date, settings)).encode(), path, date)
    return _with_example(empty, wanted, settings).bytes if wanted.example else empty.bytes


def _with_example(empty: Draft, wanted: NewNewsletter, settings: Newsletter) -> Draft:
    text = _render(wanted, "example.yaml.j2", summary_label=settings.summary_label)
    example = parse_issue(read(text, TEMPLATES / "example.yaml.j2"))
    values = {"headline": example.headline, "warmups": example.warmups}
    sections = _filled(empty.issue.sections, example)
    return with_issue(empty, empty.issue.model_copy(update=values | {"sections": sections}))


def _filled(sections: Sequence[Section], example: Issue) -> tuple[Section, ...]:
    given = [section.items for section in example.sections[: len(sections)]]
    filled = [section.model_copy(update={"items": items}) for section, items in zip(sections, given, strict=False)]
    return (*filled, *sections[len(given) :])


def project_files(wanted: NewNewsletter, date: datetime.date, issues: str, readme: str) -> dict[str, bytes]:
    """Write the files, newsletter.yaml last: a folder that has it has all.

    Args:
        wanted: what the newsletter is to be.
        date: of the first draft.
        issues: the issues folder, from the root of the repository.
        readme: path of the README, from the folder that holds the issues folder.

    Returns:
        content by path from the issues folder; those of GitHub lie at the root of the repository.
    """
    text = newsletter(wanted)
    settings = parse_newsletter(read(text, Path(layout.NEWSLETTER)))
    up = "../" * len(Path(issues).parts)
    files = {layout.draft(date.isoformat()): draft(date, wanted, settings), **schema_files()}
    files[f"../{readme}"] = _render(wanted, "README.md.j2", date=date, layout=layout).encode()
    if wanted.notebook:
        files[f"../{layout.NOTEBOOK}"] = layout.notebook().read_bytes()
    if wanted.github:
        files |= {f"{up}{path}": content.encode() for path, content in _of_github(wanted, issues, date).items()}
    return files | {layout.NEWSLETTER: text.encode()}


def _of_github(wanted: NewNewsletter, issues: str, date: datetime.date) -> dict[str, str]:
    notebook = str(Path(issues).parent / layout.NOTEBOOK) if wanted.notebook else None
    package = f"embedai-nb~={__version__}"
    container = _render(wanted, "devcontainer.json.j2", date=date, package=package, issues=issues)
    workflows = workflow_files(package=package, issues=dump_inline(issues), notebook=notebook and dump_inline(notebook))
    return {".devcontainer/devcontainer.json": container, **workflows}


# --- templates --------------------------------------------------------------------------------------------------


def _render(wanted: NewNewsletter, name: str, **values: Any) -> str:
    folder = "" if (TEMPLATES / name).exists() else f"{_folder(wanted.language)}/"
    return _environment().get_template(folder + name).render(wanted=wanted, **values)


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # YAML, JSON and Markdown, not HTML
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["yaml"] = dump_inline
    return made


def _text(language: str, name: str) -> str:
    return (TEMPLATES / _folder(language) / name).read_text(encoding="utf-8")


def _folder(language: str) -> str:
    return language.replace("-", "_")
