"""Run all tests in three parts side by side: in the browser, with processes of their own, and the others.

Words behind the command are handed on to pytest.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

PARTS = ("browser", "processes", "not browser and not processes")
NOTHING_TO_RUN = 5
"""What pytest exits with when a part has no such test."""


def main() -> int:
    """Print what each part says: the last one's as it comes, the others' when they are done."""
    running = []
    for part in PARTS:
        output = None if part == PARTS[-1] else tempfile.TemporaryFile()  # noqa: SIM115  # read when it is full
        command = [sys.executable, "-m", "pytest", "-m", part, "-p", "no:cacheprovider", *sys.argv[1:]]
        running.append((part, output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)))
    failed = False
    for part, output, process in reversed(running):
        failed |= process.wait() not in (0, NOTHING_TO_RUN)
        print(f"--- {part}", flush=True)
        if output:
            output.seek(0)
            print(output.read().decode(errors="replace"), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
