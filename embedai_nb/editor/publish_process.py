"""Publish issues and report the progress: ``python -m embedai_nb.editor.publish_process``.

Each line of stdin is a request, a JSON object: ``folder``, ``date``, ``draft``, its content in base64 (what is typed meanwhile is
not published half), and ``language``, that of messages.  Writes one JSON object a line to stdout: ``{"done": 4, "of": 9}``
whenever a cell is done; last either ``{"errors": 0}``, the findings of severity error, which keep an issue from being
published, or ``{"failed": message, "locked": false, "kept": true}``: whether another process publishes it, and whether the
notebook that failed was kept.  It stays for the next request, for which it has everything loaded, until stdin is closed.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from embedai_nb.editor.error_texts import explain
from embedai_nb.errors import EmbedAIError, LockedError
from embedai_nb.publish.issue import publish
from embedai_nb.text.dates import parse_date
from embedai_nb.workspace import layout

__all__ = ["main"]


def main() -> None:
    """Publish one issue after another, as ``embedai issue`` does."""
    os.environ.setdefault("NBFORMAT_VALIDATOR", "fastjsonschema")  # compiles the schema, once for all
    for number, line in enumerate(sys.stdin):
        request = json.loads(line)
        _publish(**request)
        if not number:
            _get_ready(request["folder"], request["date"])


def _publish(folder: str, date: str, draft: str, language: str) -> None:
    try:
        outcome = publish(
            Path(folder),
            parse_date(date),
            draft=base64.b64decode(draft),
            on_progress=lambda done, of: _report(done=done, of=of),
        )
    except EmbedAIError as error:
        kept = error.path == Path(folder).resolve() / layout.failed(date)
        _report(failed=explain(error, language), locked=isinstance(error, LockedError), kept=kept)
    else:
        _report(errors=outcome.findings.errors)


def _get_ready(folder: str, date: str) -> None:
    """Warm up what only the forked processes in which notebooks run have used so far."""
    from embedai_nb.edition import load
    from embedai_nb.publish.execute import warm_up

    with suppress(EmbedAIError, OSError):  # the draft is gone meanwhile
        warm_up(load(parse_date(date), Path(folder)))
    gc.freeze()  # memory that the garbage collector doesn't visit is not copied into each of them


def _report(**event: object) -> None:
    with suppress(BrokenPipeError):  # the editor is gone; what was begun is finished all the same
        print(json.dumps(event, ensure_ascii=True), flush=True)


if __name__ == "__main__":
    main()
