"""`monitor check --show-effective`: every key, its value, and who set it."""

from monitor.config import Effective, effective, parse


def test_every_value_names_who_set_it(small: str):
    rows = effective(parse(small + '[polling]\nbackfill = "2d"\n', environ={"MONITOR__POLLING__CONCURRENCY": "8"}))

    assert Effective("polling.backfill", "2d", "config.toml:14") in rows
    assert Effective("polling.concurrency", 8, "MONITOR__POLLING__CONCURRENCY") in rows
    assert Effective("polling.interval.min", "5m", "default") in rows
    assert Effective("feeds.news.url", "https://news.example/feed.xml", "config.toml:5") in rows
    assert Effective("topics.ukraine.groups.ukraine.terms", ["ukrain*"], "config.toml:8") in rows
    assert Effective("subscribers.desk.channels[0].file", "", "config.toml:12") in rows


def test_of_secrets_it_is_said_only_whether_they_are_there(small: str):
    smtp = '[smtp]\nhost = "mail.example"\nfrom = "a@b.example"\n'
    without = effective(parse(small + smtp, environ={}))
    having = effective(parse(small + smtp + 'username = "me"\npassword_env = "PASS"\n', environ={"PASS": "s3cret"}))

    assert ("smtp.password", "missing") in [(row.key, row.value) for row in without]
    assert ("smtp.password", "set") in [(row.key, row.value) for row in having]
    assert Effective("smtp.password_env", "PASS", "config.toml:17") in having
