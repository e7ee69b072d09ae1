"""The small world that `monitor demo` runs against."""
