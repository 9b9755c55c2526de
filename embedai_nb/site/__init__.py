"""The website: all issues, found by year, section, source or word, and feeds of them."""

from embedai_nb.site.build import Built, build

__all__ = ["Built", "build"]
