"""Pure functions on strings and paths: URLs, dates, entities, folding, spans of text, paths of fields."""
