"""Which addresses may be fetched, by their text and by where their host is."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maverick_core.pipeline.scraping.addresses import (
    BadAddress,
    host_of,
    is_public,
    linked_url,
    page_url,
)

SPELLINGS = {
    "http://directory.example": "http://directory.example/",
    "HTTP://Directory.EXAMPLE/Agents": "http://directory.example/Agents",
    "https://directory.example:443/a?b=c#d": "https://directory.example/a?b=c",
    "http://directory.example:80/": "http://directory.example/",
    "http://directory.example:8080/": "http://directory.example:8080/",
    "  https://directory.example/agents ": "https://directory.example/agents",
    "https://directory.example./": "https://directory.example/",
    "https://bücher.example/": "https://xn--bcher-kva.example/",
    "http://[2606:4700::1111]/": "http://[2606:4700::1111]/",
    "http://[2606:4700:0:0::1111]:8080/": "http://[2606:4700::1111]:8080/",
}

NOT_PAGES = (
    "",
    "directory.example",
    "/agents",
    "//directory.example/agents",
    "ftp://directory.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "gopher://directory.example/",
    "data:text/html,hello",
    "http://",
    "http:///agents",
    "http://ann@directory.example/",
    "http://ann:secret@directory.example/",
    "http://directory.example:0x50/",
    "http://directory.example:99999/",
    "http://direc tory.example/",
    "http://directory.example/a\r\nHost: inside",
    "http://directory.example/\x00",
    "http://[::1/",
    "http://[not-an-address]/",
    "http://directory.example/" + "a" * 2_000,
)

# The networks of RFC 1918, spelt as numbers: no file here names an address that somebody may have.
PRIVATE = [
    ".".join(map(str, address))
    for address in ((10, 0, 0, 1), (172, 16, 0, 1), (172, 31, 255, 255), (192, 168, 1, 1))
]

INSIDE = (
    *PRIVATE,
    *(f"::ffff:{address}" for address in PRIVATE),
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104 - refused here
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:0001::",
    "2002:0a00:0001::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "not an address",
    "",
)

OUTSIDE = (
    "93.184.216.34",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "::ffff:1.1.1.1",
    "64:ff9b::101:101",
)


@pytest.mark.parametrize(("text", "spelling"), SPELLINGS.items())
def test_an_address_has_one_spelling(text: str, spelling: str) -> None:
    """So that a page is not read twice under two names."""
    assert page_url(text) == spelling
    assert page_url(spelling) == spelling


@pytest.mark.parametrize("text", NOT_PAGES)
def test_what_is_no_public_page_is_refused(text: str) -> None:
    """Another scheme, a user, a line end: a page may not talk us into any of these."""
    with pytest.raises(BadAddress) as caught:
        page_url(text)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_a_network_is_not_public(address: str) -> None:
    """Whatever kind of address it is written as, or wrapped in."""
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_on_the_internet_is_public(address: str) -> None:
    """Addresses that carry one of the older kind are judged by that one."""
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_no_verdict(address: ipaddress.IPv4Address) -> None:
    """The packet goes to the address inside."""
    number = int(address)
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | number)
    translated = ipaddress.IPv6Address((0x64FF9B << 96) | number)

    assert is_public(str(mapped)) == is_public(str(address))
    assert is_public(str(translated)) == is_public(str(address))


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """Nothing else is raised, and what comes out is its own spelling."""
    try:
        url = page_url(text)
    except BadAddress:
        return

    assert page_url(url) == url
    assert host_of(url)


@given(st.text(max_size=60))
def test_any_link_leads_to_a_page_or_nowhere(link: str) -> None:
    """Strangers write them."""
    url = linked_url("https://directory.example/agents?page=1", link)

    assert url is None or page_url(url) == url


def test_a_link_is_followed_from_where_it_stands() -> None:
    """As a browser does."""
    page = "https://directory.example/agents/?page=1"

    assert linked_url(page, "?page=2") == "https://directory.example/agents/?page=2"
    assert linked_url(page, "../about") == "https://directory.example/about"
    assert linked_url(page, "//other.example/x") == "https://other.example/x"
    assert linked_url(page, "mailto:ann@agency.example") is None
