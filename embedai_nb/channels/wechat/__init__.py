"""Upload an issue to the draft box of a WeChat Official Account, where a person publishes it."""
