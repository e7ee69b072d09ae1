"""What the service makes of the configuration, before anything runs."""

import pytest

from monitor.config import load
from monitor.service import settings_from

CONFIG = """version = 1
[network]
contact = "https://test.invalid"
allow_private = ["10.20.0.0/16"]
"""


@pytest.mark.parametrize(
    ("url", "may_link"),
    [
        pytest.param("https://news.example/1", True, id="public"),
        pytest.param("http://10.20.1.1/1", True, id="allowed by the operator"),
        pytest.param("http://news.example:81/1", True, id="a port that we would not ask"),
        pytest.param("http://127.0.0.1/", False, id="A49 loopback"),
        pytest.param("http://10.1.2.3/x", False, id="A49 private"),
        pytest.param("http://[::1]/", False, id="A49 IPv6 loopback"),
        pytest.param("http://2130706433/", False, id="A49 loopback as a number"),
        pytest.param("http://169.254.169.254/latest/", False, id="A49 metadata"),
    ],
)
def test_A49_messages_lead_nobody_to_private_addresses(tmp_path, url, may_link):
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)

    assert settings_from(load(path, environ={})).may_link(url) is may_link
