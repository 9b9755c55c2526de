"""Bring issues from elsewhere: old archive Markdown, link lists of other shapes, feeds."""
