"""`monitor digest` and `monitor deliveries`: what a subscriber gets next, and what was sent."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from monitor.cli.options import Options, ago, command, group, no_such, say, tell, write_json


@command("preview")
@click.argument("subscriber_id", metavar="SUBSCRIBER")
@click.option("--html", "html_file", default=None, metavar="FILE", help="Write the HTML part there.")
def preview(subscriber_id: str, html_file: str | None, options: Options) -> None:
    """The digest that a subscriber would get now; nothing is sent or changed."""
    from monitor.service import digest_preview

    config = options.load()
    if subscriber_id not in config.subscribers:
        raise no_such("subscriber", subscriber_id, config.subscribers, advice=f"{options.config_path} has {', '.join(config.subscribers) or 'none'}")
    message, closes_at = digest_preview(config, options.state_path, subscriber_id)
    if html_file:
        Path(html_file).write_text(message.html, encoding="utf-8")
    if options.as_json:
        document = {"subscriber": subscriber_id, "closes_at": closes_at, "subject": message.subject, "text": message.text, "html": message.html}
        write_json(document | {"payload": dict(message.payload)}, schema="digest preview/1")
        return
    say(f"Subject: {message.subject}\n\n{message.text}")
    tell(options, f"closes {ago(closes_at, datetime.now(UTC))}" if closes_at else "no digest is open for this subscriber")


@command("list")
@click.option("--only", "wanted", type=click.Choice(["due", "sent", "dead"]), default=None, help="Those in this state.")
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many, newest first (20 for people).")
def list_(wanted: str | None, limit: int | None, options: Options) -> None:
    """Deliveries, newest first: what was sent, what waits for its next try, what was given up and why."""
    from monitor.store import reports
    from monitor.store.state import open_store

    with open_store(options.load().storage.url, options.state_path) as database:
        rows = database.read_now(reports.list_deliveries, state=wanted, limit=limit if options.as_json else limit or 20)
    if options.as_json:
        write_json({"deliveries": [_json(asdict(row)) for row in rows]}, schema="deliveries list/1")
        return
    now = datetime.now(UTC)
    for row in rows:
        when = f"sent {ago(row.sent_at, now)}" if row.sent_at else f"next try {ago(row.next_try_at, now)}" if row.state == "due" else "given up"
        say(
            f"{row.id[:8]}  {row.state:<4}  {row.kind:<7}  {row.subscriber:<12}  {when:<20}  {row.subject[:60]}"
            + (f"\n{'':10}{row.last_error}" if row.last_error else "")
        )
    if not rows:
        tell(options, f"No delivery is {wanted}." if wanted else "No deliveries yet. Next: monitor poll")


def _json(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "body"} | {"bytes": len(row["body"])}


digest = group("digest", "The digest that a subscriber gets next.", [preview])
deliveries = group("deliveries", "What was sent, what waits, what failed.", [list_])
