"""The daemon's config.toml for the small world.

The topic is the one that the shipped desk hears of, word for word, so the demo shows what a first real run would flag.
"""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import tomlkit

from monitor.demo.world import NETWORKS, Site

DESK, EDITOR = "desk", "editor"
RECIPIENT, EDITORS_ADDRESS = "desk@newsroom.example", "editor@newsroom.example"
SENDER = "NATO–Ukraine Monitor <monitor@newsroom.example>"


def shipped_config() -> str:
    """The config.toml that ships with the program: the wheel's copy, in a checkout the file at its root."""
    packaged = files(__package__).joinpath("config.toml")  # put there by the wheel's build (pyproject.toml, force-include)
    in_checkout = Path(__file__).resolve().parents[2] / "config.toml"
    return (in_checkout if in_checkout.is_file() else packaged).read_text("utf-8")


def shipped_topics() -> str:
    """The `[topics.…]` tables of the shipped config.toml that its desk hears of."""
    shipped = tomlkit.parse(shipped_config())
    topics = tomlkit.document()
    topics["topics"] = {topic: shipped["topics"][topic] for topic in shipped["subscribers"][DESK]["topics"]}
    return tomlkit.dumps(topics)


def write_config(
    folder: Path, *, sites: Iterable[Site], topics: str, smtp_port: int, hook_url: str, hook_secret: str, listen: str = "127.0.0.1:0", digest_at: str = "07:30"
) -> Path:
    """Write config.toml and the webhook's secret beside it; gives the path of the former.

    The desk hears at once, by mail and webhook; the editor reads a digest in the morning.

    topics: TOML tables as `shipped_topics` gives them. digest_at: "HH:MM", UTC.
    """
    secret = folder / "hook.secret"
    secret.touch(mode=0o600)
    secret.write_text(f"{hook_secret}\n", "utf-8")
    watched = [*tomlkit.parse(topics)["topics"]]
    channels = [{"email": RECIPIENT}, {"webhook": hook_url, "secret_file": secret.name}]
    document = {
        "version": 1,
        "timezone": "UTC",
        "network": {
            "contact": "https://newsroom.example/about",
            "timeout": "10s",
            "per_host": {"concurrent": 2, "gap": "0s"},
            "allow_private": [*NETWORKS],
        },
        "polling": {"interval": {"min": "2s", "max": "2s", "adaptive": False}},
        "articles": {"fetch": "candidates"},
        "web": {"listen": listen},
        "smtp": {"host": "127.0.0.1", "port": smtp_port, "security": "none", "from": SENDER},
        "subscribers": {
            DESK: {
                "topics": watched,
                "alert": {"settle": "5s", "max_per_hour": 20},  # Long enough for all five outlets of one event to be read.
                "notices": True,
                "channels": channels,
            },
            EDITOR: {"topics": watched, "digest": {"at": [digest_at]}, "channels": [{"email": EDITORS_ADDRESS}]},
        },
        "feeds": {site.outlet.id: _feed(site) for site in sites},
    }
    path = folder / "config.toml"
    path.write_text(f"# Written by `monitor demo`: the small world on this machine.\n{tomlkit.dumps(document)}\n{topics}", "utf-8")
    return path


def _feed(site: Site) -> dict[str, str]:
    outlet = site.outlet
    return {"url": site.feed_url, "title": outlet.title, "site": f"{site.url}/", "outlet": outlet.title, "language": outlet.language}
