"""The website of made-up issues beside what generators of static sites make of the same Markdown, and Pagefind of the pages.

Those are measured that are found on the PATH or in a folder of tools; ``--install`` puts them into that folder first, by
pip and npm (Jekyll comes from the system's packages).  Each gets a front matter, the smallest layout that shows a page
and a list of all issues, and a feed where it has one itself.  All run in turn, in a temporary folder, from nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Cost, measure, typical
from benchmarks.site import fill

PROJECT = Path(__file__).parents[1]
PACKAGES = ("hugo", "pelican[markdown]", "nikola", "pagefind[bin]")
NODE_PACKAGES = ("@11ty/eleventy",)
TITLE = "Made up"
HEAD = '<!doctype html><html lang="zh"><meta charset="utf-8"><title>{title}</title>'


class Peer(NamedTuple):
    """Another generator.

    Args:
        program: what is looked for.
        makes: in the table.
        source: where its Markdown lies, with the name of a file by date.
        head: what stands before the Markdown, with ``{date}`` and ``{title}``.
        settings: other files, by name.
        arguments: of the program, which runs where all of this lies.
        out: where it writes.
        begin: arguments of a call before that, which isn't counted.
    """

    program: str
    makes: str
    source: str
    head: str
    settings: Mapping[str, str]
    arguments: Sequence[str]
    out: str
    begin: Sequence[str] = ()


YAML_HEAD = '---\ntitle: "{title}"\ndate: {date}\nlayout: issue\n---\n\n'
PEERS = {
    "Hugo": Peer(
        "hugo",
        "a page an issue, a list, a feed, a sitemap",
        "content/issues/{date}.md",
        '---\ntitle: "{title}"\ndate: {date}\n---\n\n',
        {
            "hugo.toml": f'baseURL = "https://news.example/"\ntitle = "{TITLE}"\ndisableKinds = ["taxonomy", "term"]\n',
            "layouts/_default/single.html": HEAD.format(title="{{ .Title }}") + "{{ .Content }}",
            "layouts/_default/list.html": HEAD.format(title="{{ .Title }}")
            + '{{ range .RegularPagesRecursive }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}',
        },
        ["--quiet", "--destination", "made"],
        "made",
    ),
    "Pelican": Peer(
        "pelican",
        "a page an issue, paged lists, an archive, a feed; its own theme",
        "content/{date}.md",
        "Title: {title}\nDate: {date}\nCategory: issues\n\n",
        {
            "pelicanconf.py": f'SITENAME = "{TITLE}"\nSITEURL = "https://news.example"\nTIMEZONE = "UTC"\nPATH = "content"\n'
            'FEED_ALL_ATOM = "atom.xml"\nDEFAULT_PAGINATION = 20\n'
        },
        ["--quiet", "--settings", "pelicanconf.py", "--output", "made"],
        "made",
    ),
    "Nikola": Peer(
        "nikola",
        "a page an issue with its source, paged lists, archives, a feed, a sitemap; its own theme",
        "site/posts/{date}.md",
        "<!--\n.. title: {title}\n.. slug: issue-{date}\n.. date: {date} 12:00:00 UTC\n-->\n\n",
        {},
        ["build", "--quiet"],
        "site/output",
        begin=["init", "--quiet", "site"],
    ),
    "Eleventy": Peer(
        "eleventy",
        "a page an issue, a list",
        "source/{date}.md",
        YAML_HEAD.replace("issue", "issue.njk"),
        {
            "eleventy.config.js": "module.exports = () => ({markdownTemplateEngine: false,"
            " dir: {input: 'source', output: 'made'}});\n",
            "source/_includes/issue.njk": HEAD.format(title="{{ title }}") + "{{ content | safe }}",
            "source/index.njk": "---\npermalink: index.html\n---\n"
            + HEAD.format(title=TITLE)
            + '{% for page in collections.all %}<li><a href="{{ page.url }}">{{ page.data.title }}</a>{% endfor %}',
        },
        ["--quiet"],
        "made",
    ),
    "Jekyll": Peer(
        "jekyll",
        "a page an issue, a list",
        "source/{date}.md",
        YAML_HEAD,
        {
            "source/_layouts/issue.html": HEAD.format(title="{{ page.title }}") + "{{ content }}",
            "source/index.html": "---\n---\n"
            + HEAD.format(title=TITLE)
            + '{% for page in site.pages %}<li><a href="{{ page.url }}">{{ page.title }}</a>{% endfor %}',
        },
        ["build", "--quiet", "--disable-disk-cache", "--source", "source", "--destination", "made"],
        "made",
    ),
}


class Row(NamedTuple):
    name: str
    cost: Cost
    files: int
    size: int
    makes: str

    @classmethod
    def of(cls, name: str, cost: Cost, out: Path, makes: str) -> Row:
        sizes = [path.stat().st_size for path in out.rglob("*") if path.is_file()]
        return cls(name, cost, len(sizes), sum(sizes), makes)


def install(tools: Path) -> None:
    """Put the peers that pip and npm have into a folder."""
    subprocess.run([sys.executable, "-m", "venv", tools], check=True)
    subprocess.run([tools / "bin" / "python", "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    subprocess.run(["npm", "install", "--silent", "--prefix", tools, *NODE_PACKAGES], check=True)


def path_of(tools: Path) -> str:
    return os.pathsep.join([str(tools / "bin"), str(tools / "node_modules" / ".bin"), os.environ["PATH"]])


def prepare(peer: Peer, program: str, folder: Path, archive: Path) -> None:
    """Lay out what the peer reads."""
    folder.mkdir()
    if peer.begin:
        subprocess.run([program, *peer.begin], cwd=folder, check=True, capture_output=True)
    for name, content in peer.settings.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    for path in archive.glob("*.md"):
        file = folder / peer.source.format(date=path.stem)
        file.parent.mkdir(parents=True, exist_ok=True)
        head = peer.head.format(date=path.stem, title=f"{TITLE} {path.stem}")
        file.write_text(head + path.read_text(encoding="utf-8"), encoding="utf-8")


def run(name: str, peer: Peer, folder: Path, archive: Path, path: str) -> Row | None:
    program = shutil.which(peer.program, path=path)
    if not program:
        return None
    prepare(peer, program, folder, archive)
    here = folder / "site" if peer.begin else folder
    cost = measure([program, *peer.arguments], here, os.environ | {"PATH": path, "LC_ALL": "C.UTF-8"})
    return Row.of(name, cost, folder / peer.out, peer.makes)


def ours(folder: Path, issues: Path) -> Row:
    command = [sys.executable, "-m", "embedai_nb", "--issues", str(issues), "site", "--out", str(folder)]
    cost = measure([*command, "--url", "https://news.example/"], PROJECT, os.environ)
    makes = "pages, lists by year, section and source, pages of sources, three feeds, a sitemap, a search of all items"
    return Row.of("`embedai site`", cost, folder, makes)


def pagefind(site: Path, out: Path, path: str) -> Row | None:
    """The index of Pagefind, of the pages of issues that ``embedai site`` made."""
    python = shutil.which("python", path=path) or sys.executable
    if subprocess.run([python, "-c", "import pagefind"], capture_output=True, check=False).returncode:
        return None
    options = ["--site", str(site), "--output-path", str(out), "--glob", "????-??-??.html"]
    cost = measure([python, "-m", "pagefind", *options], site, os.environ)
    return Row.of("Pagefind, of its pages", cost, out, "a search of the issues' pages, beside what made them")


def one_round(count: int, path: str) -> Iterator[tuple[str, Row | None]]:
    """All in turn, from nothing; None for those that are not there."""
    with tempfile.TemporaryDirectory() as scratch:
        parent = Path(scratch)
        fill(parent / "issues", count)
        yield "", ours(parent / "site", parent / "issues")
        for name, peer in PEERS.items():
            yield name, run(name, peer, parent / name, parent / "issues" / "archive", path)
        yield "Pagefind", pagefind(parent / "site", parent / "pagefind", path)


def table(count: int, rounds: int, path: str) -> None:
    """Print medians of several rounds."""
    found: dict[str, list[Row]] = {}
    missing = set()
    for _ in range(rounds):
        for name, row in one_round(count, path):
            if row:
                found.setdefault(row.name, []).append(row)
            else:
                missing.add(name)
    print(f"\n## {count:,} issues\n\n| | CPU s | wall s | files | MB | makes |\n|---|---|---|---|---|---|")
    for name, rows in found.items():
        cost, row = typical([row.cost for row in rows]), rows[0]
        print(f"| {name} | {cost.cpu:.2f} | {cost.wall:.2f} | {row.files:,} | {row.size / 1e6:.1f} | {row.makes} |")
    print(f"\nnot found: {', '.join(sorted(missing)) or 'none'}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.peers")
    parser.add_argument("--tools", type=Path, default=Path(".venv/peers"), help="a folder with other generators")
    parser.add_argument("--install", action="store_true", help="install them there first")
    parser.add_argument("--issues", default="40,1000", help="how many issues")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if given.install:
        install(given.tools.resolve())
    for count in given.issues.split(","):
        table(int(count), given.rounds, path_of(given.tools.resolve()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
