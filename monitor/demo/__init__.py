"""The small world that `monitor demo` runs against.

`world` prints the news, `inbox` receives what the daemon sends, `config` writes the daemon's config.toml,
`show` tells the visitor what happened.
"""
