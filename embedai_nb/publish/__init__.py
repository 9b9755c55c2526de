"""From a draft to what readers get: execute the notebook, export it, commit all of it or none.

Nothing is imported here: an issue that is up to date is recognised without loading papermill or nbconvert.
"""
