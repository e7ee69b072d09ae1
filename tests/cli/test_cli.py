"""The command line as a whole: global options, streams, exit codes, start-up."""

import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from loopback import write_config

from monitor.cli import COMMANDS


def test_help_lists_every_command(monitor):
    done = monitor("--help")

    assert (done.code, done.err) == (0, "")
    assert all(re.search(rf"^  {name} ", done.out, re.MULTILINE) for name in COMMANDS)


def test_help_waits_for_none_of_the_heavy_libraries():
    done = subprocess.run([sys.executable, "-X", "importtime", "-m", "monitor", "--help"], capture_output=True, text=True, timeout=30, check=True)

    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "click" in imported
    assert imported.isdisjoint({"pydantic", "sqlalchemy", "trafilatura", "feedparser", "aiohttp", "lxml", "rich", "asyncio", "structlog"})


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        pytest.param(["pol"], "no command 'pol' – did you mean 'poll'?", id="nearly a command"),
        pytest.param(["xyzzy"], "no command 'xyzzy' – see `monitor --help`", id="no command at all"),
        pytest.param(["feeds", "lst"], "Did you mean 'list'?", id="nearly a command of a group"),
        pytest.param(["status", "--jsno"], "--json", id="nearly an option"),
    ],
)
def test_a_wrong_word_is_a_usage_error_with_the_nearest_one(monitor, arguments, advice):
    done = monitor(*arguments)

    assert (done.code, done.out) == (2, "")
    assert advice in done.err


def test_without_a_command_the_help_is_shown_as_talk(monitor):
    done = monitor()

    assert (done.code, done.out) == (2, "")
    assert "Commands:" in done.err


@pytest.mark.parametrize(
    "command", [["status"], ["feeds", "list"], ["stories", "list"], ["deliveries", "list"], ["topics", "list"], ["check"], ["db", "check"]]
)
def test_global_options_stand_before_or_after_the_command(monitor, polled, command):
    before = monitor("--json", *polled.options, *command)
    after = monitor(*command, *polled.options, "--json")

    assert (before.code, before.out, before.err) == (0, after.out, "")
    assert before.json["schema"] == f"{' '.join(command)}/1"


def test_variables_name_the_configuration_and_the_state(monitor, polled, monkeypatch):
    monkeypatch.setenv("MONITOR_CONFIG", str(polled.config))
    monkeypatch.setenv("MONITOR_STATE", str(polled.state))

    assert monitor("status", "--json").json["entries"] == 3


def test_an_option_stands_above_its_variable(monitor, polled, monkeypatch, tmp_path):
    monkeypatch.setenv("MONITOR_STATE", str(tmp_path / "empty"))

    assert monitor(*polled.options, "status", "--json").json["entries"] == 3


def test_quiet_keeps_the_results_and_drops_the_talk(monitor, polled):
    usual, quiet = monitor(*polled.options, "stories", "list"), monitor("-q", *polled.options, "stories", "list")

    assert usual.out == quiet.out
    assert (usual.err, quiet.err) == ("1 story. Next: monitor stories show 1\n", "")


def test_verbose_tells_every_event_on_stderr(monitor, web, tmp_path):
    web.feed("/a.xml")
    config = write_config(tmp_path, web, "/a.xml")

    assert '"level": "debug"' not in monitor("--config", config, "--state", "quiet", "poll").err
    assert "configuration-taken" in monitor("-v", "--config", config, "--state", "verbose", "poll").err


def test_version(monitor):
    assert monitor("--version").out.startswith("monitor, version ")


@pytest.mark.parametrize(
    "command",
    [
        "check --show-effective",
        "feeds list",
        "feeds parse -",
        "articles extract -",
        "topics list",
        "topics score --topic nato-ukraine",
        "topics explain 1",
        "stories list",
        "stories show 1",
        "digest preview editor",
        "deliveries list",
        "db migrate",
        "db check",
        "status",
        "poll --no-deliver",
    ],
)
def test_every_key_of_a_document_is_in_the_reference(monitor, polled, tmp_path, command):
    state = tmp_path / "state"
    shutil.copytree(polled.state, state)
    reference = (Path(__file__).parents[2] / "docs" / "reference" / "commands.md").read_text("utf-8")

    document = monitor("--config", polled.config, "--state", state, *command.split(), "--json", stdin="<rss><channel><item><title>x").json

    schema = document.pop("schema").removesuffix("/1")
    (section,) = (part for part in reference.split("\n## ") if part.startswith(f"monitor {schema}\n"))
    assert keys_of(document) <= set(re.findall(r"`([^`\n]+)`", section))


NAMED_BY_DATA = {"groups": {"weight", "terms"}, "by_status": set(), "payload": set()}  # what stands below has names of its own
STATES = {"active", "due", "sent", "dead"}  # of feeds and deliveries, in `status`


def keys_of(value) -> set[str]:
    """Every key of a document, at any depth."""
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    if not isinstance(value, dict):
        return set()
    below = (NAMED_BY_DATA[key] if key in NAMED_BY_DATA else keys_of(part) for key, part in value.items())
    return set(value).union(*below) - STATES


# ------------------------------------------------------------------------------------------ exit codes
def test_a_reader_that_has_read_enough_is_no_failure():
    lines = b'{"id": 1, "base64": ""}\n' * 5000
    writer = subprocess.Popen(
        [sys.executable, "-m", "monitor", "feeds", "parse", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    first = _feed_and_read_one_line(writer, lines)

    assert b'"id": 1' in first
    assert (writer.stderr.read(), writer.wait(30)) == (b"", 0)
    writer.stderr.close()


def _feed_and_read_one_line(writer, lines: bytes) -> bytes:
    from contextlib import suppress
    from threading import Thread

    def feed():
        with suppress(BrokenPipeError):
            writer.stdin.write(lines)
        with suppress(BrokenPipeError):
            writer.stdin.close()

    feeder = Thread(target=feed)
    feeder.start()
    first = writer.stdout.readline()
    writer.stdout.close()
    feeder.join()
    return first


def test_ctrl_c_ends_a_poll_with_130(web, tmp_path):
    web.pages["/slow.xml"] = ("hang", {}, b"")
    config = write_config(tmp_path, web, "/slow.xml")
    running = subprocess.Popen(
        [sys.executable, "-m", "monitor", "--config", str(config), "poll", "--all"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    web.wait_for(lambda: web.asked)

    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=20)

    assert (running.returncode, out, err.strip()) == (130, "", "")


def test_what_an_interrupted_poll_had_begun_is_done_by_the_next(web, tmp_path, process):
    web.pages["/slow.xml"] = ("hang", {}, b"")
    config = write_config(tmp_path, web, "/slow.xml")
    running = subprocess.Popen(
        [sys.executable, "-m", "monitor", "--config", str(config), "poll", "--all"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    web.wait_for(lambda: web.asked)
    running.send_signal(signal.SIGINT)
    running.wait(20)
    web.feed("/slow.xml")

    assert process("--config", config, "poll", "--all", "--json").json["feeds"]["polled"] == 1


@pytest.mark.parametrize("command", [["status"], ["poll"], ["db", "migrate"], ["init", "--no-input", "--config", "new.toml"]])
def test_a_state_that_cannot_be_made_says_what_to_do(monitor, polled, tmp_path, command):
    (tmp_path / "file").touch()

    done = monitor("--config", polled.config, *command, "--state", "file/state")

    assert (done.code, done.out) == (74, "")
    assert done.err == f"{tmp_path}/file/state: Not a directory – name a folder that this user can write, with --state or MONITOR_STATE\n"


def without_power_over_files():
    """Root may write everywhere; without these two capabilities it is a user like others. Runs in the child, before the command."""
    import ctypes

    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP; others have none to lose


@pytest.mark.parametrize("command", [["status"], ["poll"]])
def test_a_state_that_is_not_ours_to_write_says_what_to_do(process, polled, tmp_path, command):
    state = tmp_path / "state"
    state.mkdir(mode=0o500)

    done = process("--config", polled.config, "--state", state, *command, preexec_fn=without_power_over_files)

    assert (done.code, done.out) == (74, "")
    assert re.fullmatch(rf"{state}: .+ – name a folder that this user can write, with --state or MONITOR_STATE\n", done.err)


def test_a_file_that_is_not_ours_to_read_says_so(process, tmp_path):
    feed = tmp_path / "feed.xml"
    feed.touch(mode=0o000)

    done = process("feeds", "parse", feed, preexec_fn=without_power_over_files)

    assert (done.code, done.out, done.err) == (77, "", f"{feed}: Permission denied – make it accessible for this user\n")


def test_a_file_that_is_missing_says_so(monitor):
    done = monitor("feeds", "parse", "nowhere.xml")

    assert (done.code, done.out, done.err) == (74, "", "nowhere.xml: No such file or directory\n")


@pytest.mark.parametrize("command", [["status"], ["poll"], ["stories", "list"], ["digest", "preview", "desk"]])
@pytest.mark.parametrize(
    ("revision", "advice"),
    [pytest.param("0000", "run `monitor db migrate` (it keeps a copy first)", id="older"), pytest.param("9999", "install the newer monitor", id="newer")],
)
def test_a_database_of_another_version_says_what_to_do(monitor, web, tmp_path, command, revision, advice):
    config = write_config(tmp_path, web, "/a.xml")
    monitor("status")
    with sqlite3.connect("state/monitor.db") as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    database.close()

    done = monitor("--config", config, *command)

    assert (done.code, done.out) == (69, "")
    assert f"schema {revision}" in done.err
    assert advice in done.err


def test_a_state_that_another_process_holds_is_to_be_tried_later(web, tmp_path, process):
    web.pages["/slow.xml"] = ("hang", {}, b"")
    config = write_config(tmp_path, web, "/slow.xml")
    first = subprocess.Popen([sys.executable, "-m", "monitor", "--config", str(config), "poll", "--all"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    web.wait_for(lambda: web.asked)

    second, looking = process("--config", config, "poll"), process("--config", config, "status")
    web.release.set()
    first.communicate(timeout=20)

    assert (second.code, second.out) == (75, "")
    assert second.err == f"{tmp_path}/state is held by process {first.pid} – stop it first, or name another folder with --state\n"
    assert (looking.code, first.returncode) == (0, 0)


def test_a_mistake_of_our_own_has_an_exit_code_of_its_own(monitor, monkeypatch):
    monkeypatch.setattr("monitor.feeds.parse.parse", lambda *_, **__: 1 / 0)

    done = monitor("feeds", "parse", "-")

    assert (done.code, done.out) == (70, "")
    assert "ZeroDivisionError" in done.err
