"""Where a published issue goes besides the archive."""
