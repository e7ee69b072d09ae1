"""The small world that `monitor demo` runs against, and what its visitor sees."""
