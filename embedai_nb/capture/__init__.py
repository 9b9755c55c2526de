"""What was pasted → items in the sections where they belong."""

from embedai_nb.capture.answers import Answers
from embedai_nb.capture.capture import CAPTURERS, Captured, Capturer, add, capture, complete, pending, retry
from embedai_nb.capture.errors import FetchError, NotCapturableError
from embedai_nb.capture.fetch import Fetcher, FetchLimits
from embedai_nb.capture.pasted import Pasted, split

__all__ = [
    "CAPTURERS",
    "Answers",
    "Captured",
    "Capturer",
    "FetchError",
    "FetchLimits",
    "Fetcher",
    "NotCapturableError",
    "Pasted",
    "add",
    "capture",
    "complete",
    "pending",
    "retry",
    "split",
]
