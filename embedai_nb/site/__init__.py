"""The website: all issues, found by year, section, source or word, and feeds of them."""

from embedai_nb.site.build import BuiltSite, build_site

__all__ = ["BuiltSite", "build_site"]
