"""The static website: pages of issues, lists by year, section and source, full-text search, Atom and JSON feeds."""

from embedai_nb.site.build import BuiltSite, build_site

__all__ = ["BuiltSite", "build_site"]
