"""The archive format: ``reads`` and ``writes`` are inverses."""

from embedai_nb.markdown.normal import normal, safe
from embedai_nb.markdown.reader import Reading, read, read_issue, reads
from embedai_nb.markdown.report import Remark
from embedai_nb.markdown.writer import writes

__all__ = ["Reading", "Remark", "normal", "read", "read_issue", "reads", "safe", "writes"]
