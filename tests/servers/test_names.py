"""The names of a server, by where it listens and what is allowed beside."""

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.servers.address import Address, warn_of_others
from stripe_pipeline.servers.names import read_authority


@pytest.mark.parametrize(
    ("host", "allowed", "refused"),
    [
        ("127.0.0.1", ["localhost:1", "127.0.0.1", "[::1]"], ["192.168.1.5", "shop.example"]),
        ("192.168.1.5", ["192.168.1.5:3000", "localhost"], ["192.168.1.6", "shop.example"]),
        ("box.lan", ["BOX.lan:3000", "127.0.0.1"], ["lan", "a.box.lan"]),
        ("0.0.0.0", ["192.168.1.5:3000", "[fe80::1]", "localhost"], ["shop.example", "1.2.3"]),
        ("::", ["192.168.1.5:3000", "[2001:db8::1]:3000"], ["shop.example"]),
        ("2001:db8::1", ["[2001:DB8:0::1]:3000"], ["[2001:db8::2]"]),
    ],
)
def test_names_follow_the_host(host: str, allowed: list[str], refused: list[str]) -> None:
    own = Address(host, 3000).own
    for names, expected in ((allowed, True), (refused, False)):
        for name in names:
            authority = read_authority(name)
            assert authority is not None
            assert own.include(authority) is expected, name


@pytest.mark.parametrize("name", ["https://ui.example", "ui.example:80", "a b", "", "*", "*.a"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no host name"):
        _ = Address("127.0.0.1", 3000, [name]).own


@pytest.mark.parametrize(
    ("host", "warned"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True), ("::", True),
     ("192.168.1.5", True), ("box.lan", True)],
)  # fmt: skip
def test_others_who_reach_it_are_warned_of(
    host: str, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    warn_of_others(Address(host, 3000), "start runs")
    assert ("there is no login" in capsys.readouterr().err) is warned


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:3000"), ("::1", "http://[::1]:3000")]
)
def test_the_address_for_a_browser(host: str, url: str) -> None:
    assert Address(host, 3000).url == url
