"""Publication of an issue from the form: its state, and the process that publishes it while typing goes on."""

from __future__ import annotations

import base64
import datetime
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from embedai_nb.editor.error_texts import explain
from embedai_nb.editor.messages import WORDS
from embedai_nb.i18n import Translator
from embedai_nb.text.parse_json import parse_json
from embedai_nb.workspace import layout

__all__ = ["FILES", "Publication", "PublicationState", "publication"]

Kind = Literal["never", "published", "changed", "running", "failed"]
OnProgress = Callable[[], object]

FILES = {"page": layout.page, "notebook": layout.review, "markdown": layout.markdown, "article": layout.wechat}
"""What can be opened, by the names that the form uses."""


class PublicationState(NamedTuple):
    """Whether readers have what is on screen.

    Args:
        kind: never published; published as it is; changed since; being published; the last run failed.
        text: the state in words.
        message: why the last run failed.
        files: names of `FILES` and ``failed`` → their paths within the issues folder, as far as they exist.
        version: another whenever it was published again.
    """

    kind: Kind
    text: str
    message: str
    files: dict[str, str]
    version: str


class PublishProcess:
    """A process that publishes, seen from here: in a session of its own, since a kernel is interrupted or restarted."""

    def __init__(self) -> None:
        with ExitStack() as opened:
            self._errors = opened.enter_context(tempfile.TemporaryFile())
            self._process = opened.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "embedai_nb.editor.publish_process"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    start_new_session=True,
                    env=os.environ | {"PYTHONIOENCODING": "utf-8"},
                )
            )
            self._opened = opened.pop_all()

    @property
    def lives(self) -> bool:
        """Whether it has neither ended nor been killed, say where memory is short."""
        return self._process.poll() is None

    def publish(self, folder: Path, date: datetime.date, draft: bytes, language: str) -> Iterator[dict[str, Any]]:
        """Publish a draft; yields the events, the last of which says how it went."""
        request = {"folder": str(folder), "date": str(date), "draft": base64.b64encode(draft).decode()}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):  # it died, and says nothing
            self._process.stdin.write(json.dumps(request | {"language": language}).encode() + b"\n")
            self._process.stdin.flush()
        for line in self._process.stdout:
            yield (event := json.loads(line))
            if "done" not in event:
                return
        status = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        yield {"failed": said[-1] if said else f"exit status {status}", "locked": False, "kept": False}

    def end(self) -> None:
        """Let it end, and wait until it has."""
        with suppress(BrokenPipeError):
            self._opened.close()


@dataclass
class Publication:
    """The publication of one issue.

    Args:
        folder: the issues folder.
        date: the date of the issue.
    """

    folder: Path
    date: datetime.date
    progress: tuple[int, int] | None = None
    """Cells that are done, and those there are, while it is being published."""
    failure: str = ""
    """Why the last run failed."""
    uploading: bool = False
    """Whether it is being put into WeChat's draft box from here."""
    _process: PublishProcess | None = None
    """Has everything loaded since the last time."""

    @property
    def running(self) -> bool:
        """Whether it is being published from here."""
        return self.progress is not None

    def begin(self) -> None:
        """Note that it is going to be published."""
        self.progress, self.failure = (0, 0), ""

    def run(self, draft: bytes, say: Translator, on_progress: OnProgress) -> None:
        """Publish a draft in a process of its own, and wait for it; afterwards `failure` says how it went.

        Args:
            draft: its content as it is saved now; what is typed meanwhile is for the next time.
            say: in which language `failure` is said.
            on_progress: is called whenever `progress` has changed, in the thread that called this.
        """
        try:
            self.failure = self._failure(self._events(draft, say.language, on_progress), say)
        except OSError as error:
            self.failure = say(WORDS["publish-failed"], message=explain(error, say.language))
        finally:
            self.progress = None

    def _events(self, draft: bytes, language: str, on_progress: OnProgress) -> dict[str, Any]:
        """Have the process publish the draft; returns its last event.  Only one that succeeds is there the next time, too."""
        process, self._process = self._process, None
        if process and not process.lives:
            process.end()
            process = None
        process = process or PublishProcess()
        for event in process.publish(self.folder, self.date, draft, language):
            if "done" in event:
                self.progress = event["done"], event["of"]
                on_progress()
        if "errors" in event:
            self._process = process
        else:
            process.end()
        return event

    def end(self) -> None:
        """End the process that waits for the next time."""
        if self._process:
            self._process.end()
            self._process = None

    def _failure(self, last: dict[str, Any], say: Translator) -> str:
        """Why the run failed; empty if it did not."""
        if "errors" in last:
            return say(WORDS["publish-errors"], count=last["errors"]) if last["errors"] else ""
        if last["locked"]:
            return say(WORDS["publish-locked"])
        return (last["kept"] and self._failed_cell(say)) or say(WORDS["publish-failed"], message=last["failed"])

    def _failed_cell(self, say: Translator) -> str:
        """The message of the cell that failed, from the notebook that such a run leaves."""
        with suppress(OSError, ValueError, KeyError):
            cells = parse_json((self.folder / layout.failed(str(self.date))).read_bytes())["cells"]
            for cell, output in ((each, said) for each in cells for said in each.get("outputs", [])):
                if "ename" in output:
                    message = f"{output['ename']}: {output['evalue']}".strip().splitlines()[-1]
                    return say(WORDS["publish-failed-cell"], cell=cell["id"], message=message)
        return ""

    def state(self, markdown: Callable[[], str], now: datetime.datetime, say: Translator) -> PublicationState:
        """Compare with what is published.

        Args:
            markdown: makes the Markdown of the issue as it is on screen.
            now: tells whether a time needs its day.
            say: in which language the state is said.
        """
        names = {name: place(str(self.date)) for name, place in (FILES | {"failed": layout.failed}).items()}
        files = {name: path for name, path in names.items() if (self.folder / path).is_file()}
        version = self._version()
        if self.progress is not None:
            done, of = self.progress
            text = say(WORDS["publish-running"], done=done, of=of) if of else say(WORDS["publish-starting"])
            return PublicationState("running", text, "", files, version)
        if self.failure or "failed" in files:
            message = self.failure or self._failed_cell(say) or say(WORDS["publish-failed-unknown"])
            return PublicationState("failed", say(WORDS["publish-state-failed"]), message, files, version)
        kind: Kind = "never" if not version else "published" if self.published(markdown()) else "changed"
        text = say(WORDS[f"publish-state-{kind}"], time=_time(version, now))
        return PublicationState(kind, text, "", files, version)

    def _version(self) -> str:
        """The time in nanoseconds at which the Markdown that stands published was written; empty if there is none."""
        try:
            return str((self.folder / layout.markdown(str(self.date))).stat().st_mtime_ns)
        except OSError:
            return ""

    def published(self, markdown: str) -> bool:
        """Whether this Markdown is what is published."""
        try:
            return (self.folder / layout.markdown(str(self.date))).read_bytes() == markdown.encode()
        except OSError:
            return False


def _time(version: str, now: datetime.datetime) -> str:
    """The time of a version, with its day unless that is today."""
    time = datetime.datetime.fromtimestamp(int(version or 0) / 1e9, now.tzinfo)
    return time.strftime("%H:%M" if time.date() == now.date() else "%Y-%m-%d %H:%M")


_PUBLICATIONS: dict[tuple[Path, datetime.date], Publication] = {}


def publication(folder: Path, date: datetime.date) -> Publication:
    """The publication of an issue: one in a process, whichever form asks."""
    return _PUBLICATIONS.setdefault((folder, date), Publication(folder, date))
