"""Articles: a page and its entry become clean text with a status."""
