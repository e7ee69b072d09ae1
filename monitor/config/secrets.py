"""Secrets are named in config.toml and kept elsewhere: in a file, a variable, or a systemd credential."""

import base64
import binascii
import stat
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

_LONGEST_BYTES = 65_536
WAYS = ("file", "env", "credential")


class NoSecret(Exception):
    """A named secret is not there. message, hint: for the operator."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def read(way: str, name: str, *, folder: Path, environ: Mapping[str, str]) -> SecretStr:
    """The secret, without the line break that editors add.

    way: "file" (name is a path, relative to folder), "env" (a variable), or "credential"
    (a file in $CREDENTIALS_DIRECTORY: systemd's LoadCredential=, or any folder so named).
    raises: NoSecret.
    """
    if way == "env":
        return _not_empty(environ.get(name), f"the variable {name} is not set", f"set {name} before starting, or use the _file or _credential form")
    if way == "file":
        return _from_file(folder / name, private=True)
    credentials = environ.get("CREDENTIALS_DIRECTORY", "")
    if not credentials:
        raise NoSecret("there are no credentials", f"start through systemd with LoadCredential={name}:…, or set CREDENTIALS_DIRECTORY")
    if Path(name).name != name:
        raise NoSecret(f'"{name}" is not the name of a credential', "write the name alone, without a path")
    # Who may read a credential is the business of the one who puts it there (systemd 0400, Docker 0444).
    return _from_file(Path(credentials) / name, private=False)


def why_it_cannot_sign(secret: SecretStr) -> str:
    """Why a secret cannot sign, "" where it can; several, parted by blanks, are allowed while one is replaced.

    Source: Standard Webhooks 1.0, "Signature scheme": base64 of 24 to 64 bytes, with or without `whsec_`.
    """
    for one in secret.get_secret_value().split():
        try:
            length = len(base64.b64decode(one.removeprefix("whsec_"), validate=True))
        except (binascii.Error, ValueError):
            return "is not base64"
        if not 24 <= length <= 64:
            return f"is {length} bytes long, not 24 to 64"
    return ""


def _from_file(path: Path, *, private: bool) -> SecretStr:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise NoSecret(f"{path} is not a file", "name the file that holds the secret")
        if private and mode & stat.S_IROTH:
            raise NoSecret(f"{path} can be read by everyone", f"chmod 600 {path}")
        with path.open("rb") as file:
            text = file.read(_LONGEST_BYTES + 1).decode()
    except FileNotFoundError as error:
        raise NoSecret(f"{path} does not exist", f"put the secret into it, then chmod 600 {path}") from error
    except OSError as error:
        raise NoSecret(f"{path} cannot be read: {error.strerror}", "give the user that runs monitor the right to read it") from error
    except UnicodeDecodeError as error:
        raise NoSecret(f"{path} is not text", "write the secret as UTF-8 text") from error
    if len(text) > _LONGEST_BYTES:
        raise NoSecret(f"{path} is longer than any secret", "name the file that holds the secret alone")
    return _not_empty(text, f"{path} is empty", "put the secret into it")


def _not_empty(text: str | None, message: str, hint: str) -> SecretStr:
    if text is None or not text.strip():
        raise NoSecret(message, hint)
    return SecretStr(text.strip("\r\n"))
