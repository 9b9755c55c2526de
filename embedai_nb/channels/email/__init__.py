"""Send an issue by mail, to a test address first."""
