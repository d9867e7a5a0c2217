"""A bridge and its hot spare, with real phones, measured audio, and everything that can be lost."""
