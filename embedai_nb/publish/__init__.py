"""Publish issues: execute the notebook, export it, commit all of it or none.

Nothing is imported here: an issue that is up to date is recognized without loading papermill or nbconvert.
"""
