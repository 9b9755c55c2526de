"""Measure what hostile pages cost: processor time and memory beyond those of a small page, each in a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from embedai_nb.capture import Fetcher, enrich
from embedai_nb.capture.page_reader import anchors
from embedai_nb.capture.response_cache import Response
from embedai_nb.drafts import load_newsletter
from embedai_nb.model import Item
from tests.hostile_pages import HTML, JSON, XML

PROJECT = Path(__file__).parents[1]
SECONDS, MEGABYTES = 1.0, 100.0
"""The limits."""
PAGES = {
    **{f"page, {name}": ("https://site.test/", text) for name, text in HTML.items()},
    **{f"article, {name}": ("https://mp.weixin.qq.com/s/abc", text) for name, text in HTML.items()},
    **{f"feed, {name}": ("2101.00001", text) for name, text in XML.items()},
    **{f"JSON, {name}": ("octo/x", text) for name, text in JSON.items()},
}


class Answering(Fetcher):
    """Gives one answer to all requests."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body

    def get(self, url: str) -> Response:
        return Response(url, self.body)


def measure(kind: str, body: bytes) -> tuple[float, float]:
    """Seconds of processor time, and megabytes at most in use since the process began, for capturing an answer."""
    item = {"octo/x": Item(repo="octo/x"), "2101.00001": Item(tags=("2101.00001",))}.get(kind) or Item(url=kind)
    newsletter = load_newsletter(PROJECT / "issues" / "newsletter.yaml")
    began = time.process_time()
    enrich(item, newsletter=newsletter, fetcher=Answering(body))
    if "://" in kind:
        anchors(Response(kind, body).text)
    return time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(kind: str, name: str) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.hostile", kind, name]
    return tuple(json.loads(subprocess.run(command, cwd=PROJECT, check=True, capture_output=True).stdout))  # type: ignore[return-value]


def main() -> int:
    if len(sys.argv) == 3:
        kind, name = sys.argv[1:]
        print(json.dumps(measure(kind, PAGES[name][1].encode() if name else b"<title>x</title>")))
        return 0
    _, base = measured("https://site.test/", "")
    worst_time = worst_memory = 0.0
    for name, (kind, text) in PAGES.items():
        seconds, used = measured(kind, name)
        worst_time, worst_memory = max(worst_time, seconds), max(worst_memory, used - base)
        print(f"{name:50} {len(text.encode()) / 1e6:4.1f} MB {seconds:6.2f} s {used - base:6.0f} MB", flush=True)
    print(f"the most: {worst_time:.2f} s, {worst_memory:.0f} MB more than for a page of a line")
    return int(worst_time > SECONDS or worst_memory > MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
