"""Where configuration and state lie."""

from pathlib import Path

import pytest

from monitor.config import config_path, state_path


@pytest.fixture
def places(tmp_path: Path) -> Path:
    for folder in ("here", "etc", "home/monitor"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "config.toml").touch()
    return tmp_path


def test_the_option_is_taken_at_its_word(places: Path):
    assert config_path("other.toml", {"MONITOR_CONFIG": "etc"}, places) == places / "other.toml"


def test_the_nearest_configuration_wins(places: Path):
    environ = {"MONITOR_CONFIG": "/srv/watch.toml", "CONFIGURATION_DIRECTORY": f"{places}/none:{places}/etc", "XDG_CONFIG_HOME": f"{places}/home"}

    assert config_path(None, environ, places / "here") == Path("/srv/watch.toml")
    del environ["MONITOR_CONFIG"]
    assert config_path(None, environ, places / "here") == places / "here/config.toml"
    (places / "here/config.toml").unlink()
    assert config_path(None, environ, places / "here") == places / "etc/config.toml"
    del environ["CONFIGURATION_DIRECTORY"]
    assert config_path(None, environ, places / "here") == places / "home/monitor/config.toml"


def test_without_any_the_one_here_is_named_so_that_the_complaint_says_where_to_put_it(places: Path):
    (places / "here/config.toml").unlink()

    assert config_path(None, {"HOME": "/nonexistent"}, places / "here") == places / "here/config.toml"


@pytest.mark.parametrize(
    ("option", "environ", "expected"),
    [
        pytest.param("s", {"MONITOR_STATE": "/m"}, "/here/s", id="option"),
        pytest.param(None, {"MONITOR_STATE": "/m", "STATE_DIRECTORY": "/v"}, "/m", id="variable"),
        pytest.param(None, {"STATE_DIRECTORY": "/var/lib/monitor:/var/lib/other"}, "/var/lib/monitor", id="systemd"),
        pytest.param(None, {}, "/here/state", id="none"),
    ],
)
def test_state_lies_where_it_was_asked_for(option: str | None, environ: dict[str, str], expected: str):
    assert state_path(option, environ, Path("/here")) == Path(expected)
