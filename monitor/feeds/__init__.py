"""Feeds: bytes to entries, what is new, when to ask again."""
