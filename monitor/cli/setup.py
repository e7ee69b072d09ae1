"""`monitor init` and `monitor check`: a configuration to begin with, and whether one is right."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from monitor.cli.options import Options, command, counted, say, tell, write_json


@command("init")
@click.option("--no-input", is_flag=True, help="Ask nothing, take the defaults; so it is too where stdin is no terminal.")
@click.option("--email", default=None, metavar="ADDRESS", help="Where the digest goes; without it messages are written to state/spool.")
@click.option("--smtp-host", default=None, metavar="HOST", help="The server that sends mail.")
def init(no_input: bool, email: str | None, smtp_host: str | None, options: Options) -> None:
    """Write a commented config.toml (the NATO and Ukraine watch) and make the state folder."""
    from monitor.demo.config import shipped_config
    from monitor.store.state import make_state

    path = Path(options.config or os.environ.get("MONITOR_CONFIG") or "config.toml")
    if path.exists():
        raise click.UsageError(f"{path} exists – edit it, or name another file with --config")
    asks = not no_input and sys.stdin.isatty()
    if asks and email is None:
        email = click.prompt("Where should the digest go? A mail address, or nothing for files in state/spool", default="", show_default=False, err=True)
    if asks and email and smtp_host is None:
        smtp_host = click.prompt("Which server sends mail? Its host name", default="localhost", err=True)
    text = _with_mail(shipped_config(), email, smtp_host or "localhost") if email else shipped_config()
    _must_be_usable(text, path)
    make_state(options.state_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    if options.as_json:
        write_json({"config": str(path), "state": str(options.state_path)}, schema="init/1")
    else:
        say(f"wrote {path} and made {options.state_path}")
        tell(options, "Next: monitor check, then monitor poll")


def _must_be_usable(text: str, path: Path) -> None:
    """raises: ConfigError, before a file is written that `check` would refuse; its lines are those the file would have."""
    from monitor import config as settings

    settings.parse(text, file=str(path), folder=path.absolute().parent)


def _with_mail(text: str, address: str, host: str) -> str:
    """The configuration with one mail channel for the desk; its comments stay."""
    import tomlkit

    document: Any = tomlkit.parse(text)
    channel, channels = tomlkit.inline_table(), tomlkit.array()
    channel["email"] = address
    channels.append(channel)
    document["subscribers"]["desk"]["channels"] = channels
    server = tomlkit.table()
    server["host"] = host
    server["security"] = "none" if host in ("localhost", "127.0.0.1") else "starttls"
    server["port"] = 25 if server["security"] == "none" else 587
    server["from"] = f"News Monitor <{address}>"
    document["smtp"] = server
    return tomlkit.dumps(document)


@command("check")
@click.option("--show-effective", is_flag=True, help="Every key with its value and where that comes from; secrets as set or missing.")
@click.option("--strict", is_flag=True, help="Warnings count as problems.")
def check(show_effective: bool, strict: bool, options: Options) -> int:
    """Validate the configuration; every complaint has its file, line, key and a hint. Exit code 78 when it cannot be used, 1 with warnings under --strict."""
    from monitor.errors import ConfigError

    try:
        config = options.load()
    except ConfigError as error:
        if not options.as_json:
            raise
        write_json({"ok": False, "problems": [_complaint(each) for each in error.complaints], "warnings": []}, schema="check/1")
        return 78
    from monitor import config as settings

    feeds = settings.feeds(config)
    if options.as_json:
        document = {"ok": True, "problems": [], "warnings": [_complaint(each) for each in config.warnings], "feeds": len(feeds), "topics": len(config.topics)}
        if show_effective:
            document["effective"] = [{"key": row.key, "value": row.value, "origin": row.origin} for row in settings.effective(config)]
        write_json(document, schema="check/1")
    else:
        if show_effective:
            for row in settings.effective(config):
                say(f"{row.key} = {row.value}  # {row.origin}")
        for warning in config.warnings:
            click.echo(f"warning: {warning}", err=True)
        languages = sorted({feed.language for feed in feeds if feed.language})
        say(
            f"{options.config_path}: {counted(len(feeds), 'feed')} in {counted(len(languages), 'language')}, "
            f"{counted(len(config.topics), 'topic')}, {counted(len(config.subscribers), 'subscriber')}"
        )
        tell(options, "Next: monitor poll")
    return 1 if strict and config.warnings else 0


def _complaint(each: object) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(each)  # type: ignore[call-overload, no-any-return]
