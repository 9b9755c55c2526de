"""Parse JSON that anybody may have written: whatever is wrong with it is a ValueError."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["parse_json"]


def parse_json(data: bytes | str) -> Any:
    """Parse JSON; a ValueError says that it is none, or nested so deeply that Python gives up."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("nested too deeply") from None
