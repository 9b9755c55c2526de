"""Papermill engines that execute the notebook."""
