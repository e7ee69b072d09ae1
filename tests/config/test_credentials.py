"""Logins of feeds: named in the file, kept elsewhere, shown nowhere."""

import json

import pytest

from monitor.config import effective, feed_settings, parse
from monitor.errors import ConfigError

ENVIRON = {"PASS": "s3cret", "TOKEN": "t0ken"}


def having(small: str, *lines: str, environ: dict[str, str] = ENVIRON):
    """The small configuration with these keys in [feeds.news]."""
    return parse(small.replace("[feeds.news]\n", "[feeds.news]\n" + "".join(f"{line}\n" for line in lines)), environ=environ)


@pytest.mark.parametrize(
    ("lines", "headers"),
    [
        pytest.param([], {}, id="none"),
        pytest.param(['auth = { username = "desk", password_env = "PASS" }'], {"Authorization": "Basic ZGVzazpzM2NyZXQ="}, id="name and password"),
        pytest.param(['auth = { token_env = "TOKEN" }'], {"Authorization": "Bearer t0ken"}, id="a token"),
        pytest.param(['auth = { token_env = "TOKEN", header = "X-Api-Key" }'], {"X-Api-Key": "t0ken"}, id="a token in a header of its own"),
        pytest.param(['headers = { Accept-Language = "uk" }'], {"Accept-Language": "uk"}, id="a plain header"),
        pytest.param(
            ['headers = { Accept-Language = "uk" }', 'auth = { token_env = "TOKEN" }'], {"Accept-Language": "uk", "Authorization": "Bearer t0ken"}, id="both"
        ),
    ],
)
def test_a_login_becomes_the_headers_of_its_feed(small, lines, headers):
    config = having(small, *lines)

    assert feed_settings(config, "news").private_headers == headers
    assert feed_settings(config, "another").private_headers == {}


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ('auth = { username = "desk" }', "a username needs a password", "password_file"),
        ('auth = { password_env = "PASS" }', "a password needs a username", "add username"),
        ('auth = { username = "desk", password_env = "PASS", token_env = "TOKEN" }', "a password and a token", "keep one"),
        ("auth = { }", "names no secret", "token_file"),
        ('auth = { token_env = "NOWHERE" }', "NOWHERE is not set", "set NOWHERE"),
        ('auth = { token_env = "LINES" }', "has several lines", "alone"),
        ('auth = { token_env = "TOKEN", token_file = "x" }', "are both given", "keep one"),
        ('auth = { username = "desk", password_env = "PASS", header = "X-Key" }', "takes a token", "remove header"),
        ('auth = { token_env = "TOKEN", header = "Host" }', "set by the program itself", "leave it out"),
        ('headers = { User-Agent = "Mozilla/5.0" }', "set by the program itself", "[network] contact"),
        ('headers = { Authorization = "Bearer x" }', "would be a secret in the file", "use auth"),
        ('headers = { "X Y" = "1" }', "cannot be the name of a header", "X-Api-Key"),
        ('headers = { X-Y = "a\\r\\nX: b" }', "cannot be sent in a header", "one line"),
        ("headers = { X-Y = 1 }", "must be text", "quotes"),
    ],
)
def test_a_login_that_cannot_be_used_is_named_with_its_line(small, line, message, hint):
    with pytest.raises(ConfigError) as error:
        having(small, line, environ=ENVIRON | {"LINES": "a\nb"})

    (complaint,) = error.value.complaints
    assert message in complaint.message
    assert hint in complaint.hint
    assert complaint.line


def test_a_login_over_plain_http_is_warned_about(small):
    warned = having(small.replace("https://news.example", "http://news.example"), 'auth = { token_env = "TOKEN" }')

    assert "travels in the clear" in str([str(warning) for warning in warned.warnings])
    assert "travels in the clear" not in str([str(warning) for warning in having(small, 'auth = { token_env = "TOKEN" }').warnings])


def test_a_login_is_shown_nowhere(small):
    config = having(small, 'auth = { username = "desk", password_env = "PASS" }', 'headers = { X-Y = "1" }')
    rows = {row.key: row.value for row in effective(config)}

    assert (rows["feeds.news.auth.password"], rows["feeds.news.auth.password_env"], rows["feeds.news.headers.X-Y"]) == ("set", "PASS", "1")
    for shown in (json.dumps(rows, default=str), repr(config), repr(config.found), repr(feed_settings(config, "news"))):
        assert "s3cret" not in shown
        assert "ZGVzazpzM2NyZXQ=" not in shown


@pytest.mark.parametrize("proxy", ["http://proxy.example:3128", "http://10.0.0.1:8080/", "http://me:pass@[fd00::1]:3128"])
def test_a_proxy_may_stand_anywhere(small, proxy):
    assert parse(small, environ={"MONITOR__NETWORK__PROXY": proxy}).network.proxy == proxy


@pytest.mark.parametrize(
    "proxy", ["proxy.example:3128", "https://proxy.example:3128", "socks5://proxy.example:1080", "http://proxy.example", "http://x:99999", "http://x:1/y"]
)
def test_what_is_no_http_proxy_is_refused(small, proxy):
    with pytest.raises(ConfigError, match="is not the address of a proxy"):
        parse(small, environ={"MONITOR__NETWORK__PROXY": proxy})


def test_the_password_of_a_proxy_is_shown_nowhere(small):
    config = parse(small, environ={"MONITOR__NETWORK__PROXY": "http://me:s3cret@proxy.example:3128"})

    assert {row.key: row.value for row in effective(config)}["network.proxy"] == "http://me:•••@proxy.example:3128"
    assert "s3cret" not in repr(config)
    with pytest.raises(ConfigError) as error:
        parse(small, environ={"MONITOR__NETWORK__PROXY": "http://me:s3cret@proxy.example"})
    assert "s3cret" not in str(error.value)
