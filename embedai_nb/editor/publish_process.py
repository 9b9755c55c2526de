"""Publish one issue and report the progress: ``python -m embedai_nb.editor.publish_process FOLDER DATE LANGUAGE < DRAFT``.

The draft comes from stdin: what is typed meanwhile is not published half.  Writes one JSON object a line to stdout: ``{"done": 4, "of": 9}`` whenever a cell is done; last either ``{"errors": 0}``,
the findings of severity error, which keep an issue from being published, or ``{"failed": message, "locked": false, "kept": true}``: whether
another process publishes it, and whether the notebook that failed was kept.  LANGUAGE is that of the message.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from embedai_nb.editor.error_texts import explain
from embedai_nb.errors import EmbedAIError, LockedError
from embedai_nb.publish.issue import publish
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout

__all__ = ["main"]


def main(folder: str, date: str, language: str) -> None:
    """Publish the issue, as ``embedai issue`` does."""
    draft = sys.stdin.buffer.read()
    try:
        outcome = publish(
            Path(folder), parse_date(date), draft=draft, on_progress=lambda done, of: _report(done=done, of=of)
        )
    except EmbedAIError as error:
        kept = error.path == Path(folder).resolve() / layout.failed(date)
        _report(failed=explain(error, language), locked=isinstance(error, LockedError), kept=kept)
    else:
        _report(errors=outcome.findings.errors)


def _report(**event: object) -> None:
    with suppress(BrokenPipeError):  # the editor is gone; what was begun is finished all the same
        print(json.dumps(event, ensure_ascii=True), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
