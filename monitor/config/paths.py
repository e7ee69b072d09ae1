"""Where the configuration and the state lie, when the operator did not say."""

from collections.abc import Mapping
from pathlib import Path

_NAME = "config.toml"


def config_path(option: str | Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """--config, MONITOR_CONFIG, config.toml here, $CONFIGURATION_DIRECTORY (systemd), $XDG_CONFIG_HOME/monitor.

    The first two are taken at their word; of the others the first that exists, and the one here where none does.
    """
    if named := option or environ.get("MONITOR_CONFIG"):
        return cwd / named
    here = cwd / _NAME
    elsewhere = [Path(folder) / _NAME for folder in environ.get("CONFIGURATION_DIRECTORY", "").split(":") if folder]
    home = environ.get("XDG_CONFIG_HOME") or (f"{environ['HOME']}/.config" if environ.get("HOME") else "")
    if home:
        elsewhere.append(Path(home) / "monitor" / _NAME)
    return next((path for path in (here, *elsewhere) if path.is_file()), here)


def state_path(option: str | Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """--state, MONITOR_STATE, $STATE_DIRECTORY (systemd gives several with colons; the first is ours), state/ here."""
    folder = option or environ.get("MONITOR_STATE") or environ.get("STATE_DIRECTORY", "").partition(":")[0] or "state"
    return cwd / folder
