"""Settings are refused at the start, by name, rather than misunderstood later."""

from __future__ import annotations

import pytest

from maverick_adapters.settings import load_settings
from maverick_core.kernel.errors import Rejected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("namespace", "two words"),
        ("topology", "nonlocal"),
        ("slack_channel", "#C0123ABCD"),
        ("scrape_contact", "https://ours.example/\r\nX-Other: 1"),
        ("log_level", "debugging"),
        ("http_trusted_proxies", "here"),
        ("http_trusted_proxies", "203.0.113.0/33"),
        ("http_trusted_proxies", "203.0.113.7;"),
        ("log_format", "plaintext"),
    ],
)
def test_a_value_that_only_holds_a_good_one_is_refused(name: str, value: str) -> None:
    """The whole value is looked at, and only the variable's name is told."""
    with pytest.raises(Rejected) as refused:
        load_settings(**{name: value})

    assert refused.value.code == "bad_settings"
    assert f"MAVERICK_{name.upper()}" in str(refused.value)
    assert value not in str(refused.value)


@pytest.mark.parametrize("level", ["debug", "WARNING", "Critical"])
def test_the_level_of_the_log_may_be_written_in_any_case(level: str) -> None:
    """As people write it."""
    assert load_settings(log_level=level).log_level == level
