"""monitor: a news watch that runs by itself."""
