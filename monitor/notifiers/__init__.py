"""Channels: one short file each."""
