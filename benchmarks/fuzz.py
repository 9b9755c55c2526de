"""Fuzz each target of tests/fuzz_targets.py for some minutes: `python -m benchmarks.fuzz MINUTES [TARGET…]`.

Prints how often each was executed, and the smallest input that made it fail; such an input becomes a test.
"""

from __future__ import annotations

import random
import sys
import time
import traceback

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz_targets import TARGETS, Target

ROUND = 300
"""Examples that Hypothesis tries in a row; the time is looked at after each such round."""


def fuzz(target: Target, seconds: float, number: int) -> tuple[int, str]:
    """Run a target; how often it was executed, and how it failed if it did."""
    executions, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:

        @seed(number)
        @settings(
            max_examples=ROUND,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(target.strategy)
        def run(data: bytes) -> None:
            nonlocal executions
            executions += 1
            target.run(data)

        try:
            run()
        except Exception:
            return executions, traceback.format_exc(limit=-4)
        number += 1
    return executions, ""


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 1
    number, failed = random.randrange(10**6), 0
    print(f"{minutes:g} minutes each, seed {number}")
    for name in sys.argv[2:] or TARGETS:
        executions, problem = fuzz(TARGETS[name], 60 * minutes, number)
        print(f"{name:20} {executions:9,} executions  {'failed' if problem else 'nothing found'}", flush=True)
        print(problem, end="")
        failed += bool(problem)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
