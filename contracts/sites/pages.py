"""What the example sites' pages look like."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape

from contracts.sites.people import Person

_KEY = 0x2A


def listing(people: Iterable[Person], next_page: str | None) -> str:
    """Return a page of the directory: cards, each hiding its address in one of four ways."""
    cards = "".join(_card(person) for person in people)
    link = f'<a class="next" href="{escape(next_page)}">Next</a>' if next_page else ""
    return (
        "<!doctype html><html lang=en><head><title>Agents</title>"
        "<script>var contact = 'robot@trap.example'</script></head>"
        f"<body><h1>Agents</h1><main>{cards}</main>{link}</body></html>"
    )


def _card(person: Person) -> str:
    return (
        f'<div class="agent"><h2>{escape(person.first_name)} {escape(person.last_name)}</h2>'
        f'<p class="company">{escape(person.company)}</p>'
        f'<p class="phone">{person.phone}</p><p class="state">{person.state}</p>'
        f"{_written(person)}</div>"
    )


def _written(person: Person) -> str:
    name, _, host = person.email.partition("@")
    match person.number % 4:
        case 0:
            return f'<a class="mail" href="mailto:{person.email}?subject=Hello">Write</a>'
        case 1:
            return f"<p>{name} [at] {host.replace('.', ' [dot] ')}</p>"
        case 2:
            code = bytes([_KEY, *(byte ^ _KEY for byte in person.email.encode())]).hex()
            return f'<a class="mail" data-cfemail="{code}">[protected]</a>'
        case _:
            return f"<p>E-mail: {person.email}</p>"


def records(people: Iterable[Person], next_page: str | None) -> str:
    """Return a page of the API."""
    return json.dumps(
        {
            "data": {
                "agents": [
                    {
                        "name": {"first": each.first_name, "last": each.last_name},
                        "agency": each.company,
                        "contact": {"emails": [each.email], "phone": each.phone},
                        "license": {"state": each.state, "lines": [each.line]},
                    }
                    for each in people
                ]
            },
            "links": {"next": next_page},
        }
    )


def agency(people: Iterable[Person], next_page: str | None) -> str:
    """Return an agency's page, with what it tells search engines."""
    told = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "Agencies"},
            *(
                {
                    "@type": ["LocalBusiness", "InsuranceAgency"],
                    "name": each.company,
                    "email": f"mailto:{each.email}",
                    "telephone": each.phone,
                    "address": {"addressRegion": each.state},
                }
                for each in people
            ),
        ],
    }
    link = f'<link rel="next" href="{escape(next_page)}">' if next_page else ""
    # So that no text of the data can end the block it stands in.
    data = json.dumps(told).replace("<", "\\u003c")
    return (
        f"<!doctype html><html lang=en><head><title>Agency</title>{link}"
        f'<script type="application/ld+json">{data}</script></head>'
        "<body><h1>Agency</h1></body></html>"
    )
