"""Workflows of GitHub Actions for the repository of a newsletter: check pull requests, comment, publish."""

from __future__ import annotations

from embedai_nb.workspace import layout

__all__ = ["workflow_files"]

FOLDER = ".github/workflows"
"""Where GitHub looks for them, from the root of the repository."""


def workflow_files(
    *, package: str = "embedai-nb", issues: str = "issues", notebook: str | None = None
) -> dict[str, str]:
    """Write the workflows for a repository.

    Args:
        package: what pip installs, as it is typed: ``embedai-nb``, ``embedai-nb==1.2``, ``.``.
        issues: the issues folder, from the root of the repository, as YAML.
        notebook: a notebook of one's own that publishes, from there, as YAML.

    Returns:
        content by path, from that root.
    """
    settings = {
        "EMBEDAI: embedai-nb\n": f"EMBEDAI: {package}\n",
        "EMBEDAI_ISSUES: issues\n": f"EMBEDAI_ISSUES: {issues}\n",
    }
    if notebook:  # what checks a pull request runs none
        settings["run: embedai build "] = f"env:\n          EMBEDAI_NOTEBOOK: {notebook}\n        run: embedai build "
    files = {}
    for path in sorted((layout.PACKAGE / "workflows").glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        for default, wanted in settings.items():
            text = text.replace(default, wanted)
        files[f"{FOLDER}/{path.name}"] = text
    return files
