"""Capture pasted links, ids and titles as items, each in its section."""

from embedai_nb.capture.capture import CAPTURERS, Captured, add_items, capture, enrich, is_pending, retry
from embedai_nb.capture.capturer import Capturer
from embedai_nb.capture.errors import FetchError, NotCapturableError
from embedai_nb.capture.fetch import Fetcher, FetchLimits
from embedai_nb.capture.pasted import Pasted, parse_pasted
from embedai_nb.capture.response_cache import ResponseCache

__all__ = [
    "CAPTURERS",
    "Captured",
    "Capturer",
    "FetchError",
    "FetchLimits",
    "Fetcher",
    "NotCapturableError",
    "Pasted",
    "ResponseCache",
    "add_items",
    "capture",
    "enrich",
    "is_pending",
    "parse_pasted",
    "retry",
]
