"""Distribution channels of a published issue besides the archive."""
