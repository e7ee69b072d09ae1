"""Secrets are named in the file and kept elsewhere."""

from pathlib import Path

import pytest

from monitor.config import channel_secrets, effective, load, parse, smtp_password
from monitor.errors import ConfigError

SIGNING = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
MAIL = """[smtp]
host = "mail.example"
from = "a@b.example"
username = "me"
password_%s = "%s"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    secret = tmp_path / "smtp.secret"
    secret.write_text("s3cret\n")
    secret.chmod(0o600)
    return tmp_path


def with_hook(small: str, reference: str) -> str:
    return small.replace('{ file = "" }', f'{{ webhook = "https://hooks.example/x", {reference} }}')


@pytest.mark.parametrize(
    ("way", "name"),
    [
        pytest.param("file", "smtp.secret", id="file"),
        pytest.param("env", "SMTP_SECRET", id="variable"),
        pytest.param("credential", "smtp.secret", id="credential"),
    ],
)
def test_a_secret_is_fetched_from_where_it_is_kept(small: str, folder: Path, way: str, name: str):
    (folder / "config.toml").write_text(small + MAIL % (way, name))

    config = load(folder / "config.toml", environ={"SMTP_SECRET": "s3cret", "CREDENTIALS_DIRECTORY": str(folder)})

    assert smtp_password(config) == "s3cret"


def test_a_credential_may_be_readable_by_all_because_its_folder_is_not_ours(small: str, folder: Path):
    (folder / "smtp.secret").chmod(0o444)

    config = parse(small + MAIL % ("credential", "smtp.secret"), environ={"CREDENTIALS_DIRECTORY": str(folder)})

    assert smtp_password(config) == "s3cret"


@pytest.mark.parametrize(
    ("way", "name", "message", "hint"),
    [
        pytest.param("file", "nowhere", "does not exist", "chmod 600", id="no file"),
        pytest.param("file", "open", "can be read by everyone", "chmod 600", id="open to all"),
        pytest.param("file", "empty", "is empty", "put the secret into it", id="empty file"),
        pytest.param("file", "binary", "is not text", "UTF-8", id="binary file"),
        pytest.param("file", ".", "is not a file", "name the file", id="folder"),
        pytest.param("env", "NOT_SET", "NOT_SET is not set", "set NOT_SET", id="no variable"),
        pytest.param("env", "BLANK", "BLANK is not set", "set BLANK", id="blank variable"),
        pytest.param("credential", "nowhere", "does not exist", "put the secret", id="no credential"),
        pytest.param("credential", "../smtp.secret", "not the name of a credential", "without a path", id="credential by path"),
    ],
)
def test_a_secret_that_is_not_there_is_complained_about(small: str, folder: Path, way: str, name: str, message: str, hint: str):
    for file, content, mode in (("open", b"x", 0o644), ("empty", b"\n", 0o600), ("binary", b"\xff\xfe", 0o600)):
        (folder / file).write_bytes(content)
        (folder / file).chmod(mode)
    (folder / "config.toml").write_text(small + MAIL % (way, name))

    with pytest.raises(ConfigError) as raised:
        load(folder / "config.toml", environ={"BLANK": "  ", "CREDENTIALS_DIRECTORY": str(folder)})

    (found,) = raised.value.complaints
    assert (found.line, found.key) == (17, f"smtp.password_{way}")
    assert message in found.message
    assert hint in found.hint


def test_without_a_credentials_folder_the_hint_says_how_to_get_one(small: str):
    with pytest.raises(ConfigError, match="LoadCredential=smtp"):
        parse(small + MAIL % ("credential", "smtp"), environ={})


def test_a_secret_named_twice_is_refused(small: str):
    with pytest.raises(ConfigError, match="both given"):
        parse(small + MAIL % ("env", "A") + 'password_file = "b"\n', environ={"A": "x"})


@pytest.mark.parametrize(
    ("secret", "is_right"),
    [
        pytest.param(SIGNING, True, id="with its prefix"),
        pytest.param(SIGNING.removeprefix("whsec_"), True, id="without its prefix"),
        pytest.param(f"{SIGNING} {SIGNING}", True, id="two while one is replaced"),
        pytest.param("password", False, id="too short"),
        pytest.param("not base64!", False, id="not base64"),
        pytest.param(f"{SIGNING} short", False, id="one right, one wrong"),
    ],
)
def test_a_webhook_secret_can_sign(small: str, secret: str, is_right: bool):
    text = with_hook(small, 'secret_env = "HOOK"')

    if is_right:
        assert channel_secrets(parse(text, environ={"HOOK": secret})) == {("desk", "webhook:https://hooks.example/x"): secret}
    else:
        with pytest.raises(ConfigError, match=r"channels\[0\]\.secret_env: the secret is .* – make one with: openssl"):
            parse(text, environ={"HOOK": secret})


def test_a_secret_never_shows(small: str):
    text = with_hook(small, 'secret_env = "HOOK"') + MAIL % ("env", "PASS") + '[storage]\nurl = "postgresql://me:hidden1@db/news?password=hidden2"\n'

    config = parse(text, environ={"HOOK": SIGNING, "PASS": "hidden3"})

    shown = repr(config) + str(config) + repr(config.found) + repr(effective(config))
    assert not [secret for secret in (SIGNING, "hidden1", "hidden2", "hidden3") if secret in shown]


def test_a_complaint_does_not_quote_a_password(small: str):
    with pytest.raises(ConfigError) as raised:
        parse(small + '[storage]\nurl = "mysql://me:hidden@db"\n[feeds.x]\nurl = "https://me:hidden@x.example/"\n', environ={"MONITOR__POLLING": "hidden"})

    assert "hidden" not in str(raised.value)
