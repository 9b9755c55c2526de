"""A newsletter edited in JupyterLab, checked, executed headlessly and published as Markdown and HTML."""

__version__ = "0.1.0"
