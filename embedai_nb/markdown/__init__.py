"""The archive format: ``reads`` and ``writes`` are inverses."""

from embedai_nb.markdown.reader import Reading, Remark, read, reads
from embedai_nb.markdown.writer import writes

__all__ = ["Reading", "Remark", "read", "reads", "writes"]
