"""Write every output of the sample issues and of ten made-up ones: `python -m benchmarks.all_outputs FOLDER`.

Every environment that pyproject.toml admits has to write the same bytes: `.ci/run` compares what the lowest versions write with
what those of the lock do.
"""

from __future__ import annotations

import io
import shutil
import sys
from contextlib import chdir, redirect_stdout
from pathlib import Path

from benchmarks import synthetic
from embedai_nb.cli import run
from embedai_nb.workspace import layout

ISSUES = Path(__file__).parents[1] / "issues"
MADE_UP = 10
SITE = "https://example.org/"
"""Its address: without one there are no feeds."""
CARDS = "\ntheme: {cards: true}\n"
PRINTED = ("email", "zhihu", "juejin", "csdn", "json")


def said(issues: Path, *words: str, findings: bool = False) -> bytes:
    """What a command prints in the folder of the issues folder; with ``findings`` some may be errors."""
    with chdir(issues.parent), redirect_stdout(io.StringIO()) as out:
        status = run(["--issues", issues.name, *words])
    if status not in (0, int(findings)):
        sys.exit(f"embedai {' '.join(words)}: exit status {status}")
    return out.getvalue().encode()


def write(folder: Path) -> None:
    """Write notebooks, Markdown, pages, articles, messages, copies, findings, and the site with its feeds."""
    issues = folder / "issues"
    shutil.copytree(ISSUES, issues, ignore=shutil.ignore_patterns(".cache", "archive", "review"))
    settings = issues / layout.NEWSLETTER
    settings.write_text(settings.read_text("utf-8") + CARDS, encoding="utf-8")
    synthetic.write(issues / "drafts", MADE_UP)
    said(issues, "build", "--allow-unpublished")
    said(issues, "site", "--out", str(folder / "site"), "--url", SITE)
    (folder / "findings.json").write_bytes(said(issues, "check", "--format", "json", findings=True))
    for draft in sorted((issues / "drafts").glob("*.yaml")):
        for form in PRINTED:
            (folder / f"{draft.stem}.{form}").write_bytes(said(issues, "show", draft.stem, "--format", form))
        review = said(issues, "review", draft.stem, "--format", "markdown", findings=True)
        (folder / f"{draft.stem}.review").write_bytes(review)
    shutil.rmtree(issues / ".cache")


if __name__ == "__main__":
    write(Path(sys.argv[1]).absolute())
