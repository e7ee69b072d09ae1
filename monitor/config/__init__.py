"""config.toml → Config, or every complaint about it at once, each with file, line, key and a hint.

`load` reads, `feeds`, `subscribers` and the like turn the result into the nouns of model.py.
Reading goes: text → tables (tomllib) → variables laid over them → Config (pydantic) → checks between the keys.
"""

from monitor.config.effective import Effective, effective
from monitor.config.load import load, load_topics, parse
from monitor.config.nouns import FeedSettings, channel_secrets, feed_settings, feeds, has_own_settings, site_rules, smtp_password, subscribers
from monitor.config.paths import config_path, state_path
from monitor.config.schema import Config

__all__ = [
    "Config",
    "Effective",
    "FeedSettings",
    "channel_secrets",
    "config_path",
    "effective",
    "feed_settings",
    "feeds",
    "has_own_settings",
    "load",
    "load_topics",
    "parse",
    "site_rules",
    "smtp_password",
    "state_path",
    "subscribers",
]
