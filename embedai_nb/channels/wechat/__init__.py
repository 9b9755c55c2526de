"""The draft box of a WeChat Official Account: an issue is put there; a person publishes it."""
