"""The static website: pages of issues, lists by year, section, source and tag, full-text search, Atom and JSON feeds."""
