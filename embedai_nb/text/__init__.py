"""Pure functions on strings and paths: addresses, dates, spans of text, names of fields."""
