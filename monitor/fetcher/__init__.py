"""The one guarded door to HTTP."""
