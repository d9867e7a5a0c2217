"""The sentences of the bridge's own dialogues (``sentences.toml``)."""
