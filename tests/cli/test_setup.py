"""`monitor init` and `monitor check`."""

import os
import re
import stat

import pytest

GOOD = """version = 1
timezone = "Europe/Kyiv"

[polling]
interval = { min = "5m", max = "6h" }

[feeds.alpha]
url = "https://alpha.example/feed.xml"

[topics.nato-ukraine]
rule = "nato AND ukraine"
groups.nato = { terms = ["=NATO"] }
groups.ukraine = { terms = ["ukrain*"] }

[subscribers.desk]
topics = ["nato-ukraine"]
channels = [{ email = "desk@example.org" }]
alert = {}

[smtp]
host = "mail.example.org"
from = "monitor@example.org"
password_env = "MAIL_PASSWORD"
username = "monitor"
"""


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "correct horse")
    path = tmp_path / "config.toml"
    path.write_text(GOOD)
    return path


# ------------------------------------------------------------------------------------------------ init
def test_init_writes_a_configuration_that_check_accepts(monitor, tmp_path):
    done = monitor("init", "--no-input")

    assert (done.code, done.out) == (0, f"wrote config.toml and made {tmp_path}/state\n")
    assert done.err == "Next: monitor check, then monitor poll\n"
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert monitor("check").code == 0


def test_init_leaves_a_configuration_that_is_there_alone(monitor, config):
    done = monitor("init", "--no-input")

    assert (done.code, done.out) == (2, "")
    assert "config.toml exists – edit it, or name another file with --config" in done.err
    assert config.read_text() == GOOD


def test_init_writes_where_it_is_told_and_says_so_in_json(monitor, tmp_path):
    done = monitor("init", "--no-input", "--config", "deep/watch.toml", "--state", "elsewhere", "--json")

    assert done.json == {"schema": "init/1", "config": "deep/watch.toml", "state": f"{tmp_path}/elsewhere"}
    assert (tmp_path / "deep" / "watch.toml").is_file()
    assert (tmp_path / "elsewhere").is_dir()


def test_init_with_an_address_sends_the_digest_there(monitor):
    assert monitor("init", "--no-input", "--email", "desk@example.org", "--smtp-host", "mail.example.org").code == 0

    effective = {row["key"]: row["value"] for row in monitor("check", "--show-effective", "--json").json["effective"]}
    assert effective["subscribers.desk.channels[0].email"] == "desk@example.org"
    assert (effective["smtp.host"], effective["smtp.security"], effective["smtp.port"]) == ("mail.example.org", "starttls", 587)


def test_init_refuses_an_address_that_is_none_before_it_writes_anything(monitor, tmp_path):
    done = monitor("init", "--no-input", "--email", "the desk")

    assert (done.code, list(tmp_path.iterdir())) == (78, [])
    assert '"the desk" is not a mail address' in done.err


def test_init_asks_on_a_terminal_only(monitor, terminal):
    done = terminal("init", typed="desk@example.org\nmail.example.org\n")

    assert (done.code, "Where should the digest go?" in done.err) == (0, True)
    effective = {row["key"]: row["value"] for row in monitor("check", "--show-effective", "--json").json["effective"]}
    assert effective["smtp.host"] == "mail.example.org"


# ----------------------------------------------------------------------------------------------- check
def test_check_says_what_it_found(monitor, config):
    done = monitor("check")

    assert (done.code, done.out) == (0, f"{config}: 1 feed in 0 languages, 1 topic, 1 subscriber\n")
    assert done.err.splitlines()[-1] == "Next: monitor poll"


@pytest.mark.parametrize(
    ("right", "broken", "complaint"),
    [
        pytest.param("version = 1\n", "version = \n", r"config.toml:1: version: this is not a value – .+", id="broken TOML"),
        pytest.param("[polling]", "[pollin]", r'config.toml:4: pollin: unknown key – did you mean "polling"\?', id="unknown key"),
        pytest.param('min = "5m"', 'min = "5 moons"', r'config.toml:5: polling.interval.min: .*"moons" is not a unit.* – .+', id="bad duration"),
        pytest.param('min = "5m"', "min = 5", r'config.toml:5: polling.interval.min: 5 has no unit – .*"5m".*', id="bare number"),
        pytest.param('terms = ["=NATO"]', "terms = []", r"config.toml:12: topics.nato-ukraine.groups.nato.terms: holds no terms – .+", id="empty topic"),
        pytest.param('"nato AND ukraine"', '"(nato AND ukraine"', r"config.toml:11: topics.nato-ukraine.rule: .* at column 1 – .+", id="unclosed parenthesis"),
        pytest.param(
            '"nato AND ukraine"', '"nato AND ukrane"', r'config.toml:11: topics.nato-ukraine.rule: .*"?ukrane"?.* – .*"?ukraine"?.*', id="unknown group"
        ),
        pytest.param("MAIL_PASSWORD", "NO_SUCH_VARIABLE", r"config.toml:23: smtp.password_env: .*NO_SUCH_VARIABLE.* – .+", id="missing secret"),
        pytest.param("Europe/Kyiv", "Europe/Kiew", r'config.toml:2: timezone: .*"Europe/Kiew".* – .*Europe/Kiev.*', id="bad time zone"),
        pytest.param(
            "[topics.nato-ukraine]",
            '[feeds.again]\nurl = "https://alpha.example/feed.xml"\n[topics.nato-ukraine]',
            r"config.toml:11: feeds.again.url: .*alpha.* – .*remove one.*",
            id="duplicate feed",
        ),
        pytest.param(
            'topics = ["nato-', 'topics = ["nat-', r"config.toml:16: subscribers.desk.topics.*: .*nat-ukraine.* – .*nato-ukraine.*", id="unknown topic"
        ),
        pytest.param(
            GOOD[GOOD.index("[smtp]") :],
            "",
            r"config.toml:17: subscribers.desk.channels\[0\].email: mail needs a server.* – add \[smtp\].*",
            id="mail without a server",
        ),
    ],
)
def test_check_names_file_line_key_and_advice(monitor, config, right, broken, complaint):
    assert right in GOOD
    config.write_text(GOOD.replace(right, broken, 1))

    done = monitor("check")

    assert (done.code, done.out) == (78, "")
    assert [line for line in done.err.splitlines() if re.fullmatch(complaint, line)], done.err


def test_check_tells_all_mistakes_at_once(monitor, config):
    config.write_text(GOOD.replace("Europe/Kyiv", "Mars").replace('"5m"', "5").replace("[smtp]", "[smpt]"))

    lines = [int(line.split(":")[1]) for line in monitor("check").err.splitlines()]

    assert lines == sorted(lines)
    assert {2, 5, 20} <= set(lines)


def test_check_gives_its_complaints_as_one_document(monitor, config):
    config.write_text(GOOD.replace('"5m"', "5"))

    done = monitor("check", "--json")

    assert (done.code, done.err) == (78, "")
    (problem,) = done.json["problems"]
    assert (done.json["schema"], done.json["ok"]) == ("check/1", False)
    assert (problem["file"], problem["line"], problem["key"]) == ("config.toml", 5, "polling.interval.min")
    assert (problem["message"], '"5m"' in problem["hint"]) == ("5 has no unit", True)


def test_check_shows_every_value_and_its_origin_but_no_secret(monitor, config):
    done = monitor("check", "--show-effective")

    assert "timezone = Europe/Kyiv  # config.toml:2" in done.out
    assert "articles.fetch = candidates  # default" in done.out
    assert re.search(r"^smtp.password = set  # ", done.out, re.MULTILINE)
    assert "correct horse" not in done.out + done.err


def test_check_shows_what_the_environment_changed(monitor, config, monkeypatch):
    monkeypatch.setenv("MONITOR__SMTP__HOST", "other.example.org")

    effective = {row["key"]: row for row in monitor("check", "--show-effective", "--json").json["effective"]}

    assert (effective["smtp.host"]["value"], effective["smtp.host"]["origin"]) == ("other.example.org", "MONITOR__SMTP__HOST")


def test_warnings_count_under_strict(monitor, config):
    assert monitor("check").code == 0
    done = monitor("check", "--strict")

    assert done.code == 1
    assert re.match(r"warning: config.toml:\d+: network.contact: .+ – .+", done.err)


def test_a_missing_configuration_names_the_command_that_makes_one(monitor):
    done = monitor("check")

    assert (done.code, done.out, done.err) == (78, "", "config.toml: config: does not exist – make one with: monitor init\n")


def test_the_configuration_is_found_by_variable_too(monitor, config, monkeypatch):
    monkeypatch.setenv("MONITOR_CONFIG", str(config.rename(config.with_name("other.toml"))))

    assert (monitor("check").code, os.environ["MONITOR_CONFIG"].endswith("other.toml")) == (0, True)
