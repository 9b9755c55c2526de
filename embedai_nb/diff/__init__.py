"""Compare two states of an issue: match items, list changes, merge three ways."""
