"""What must never be seen: a secret or a contact's data in what was written for people."""

from __future__ import annotations

from collections.abc import Mapping


def leaks(text: str, canaries: Mapping[str, str]) -> list[str]:
    """I12: none of the ``canaries`` stands in ``text``, in any mix of upper and lower case.

    ``canaries`` maps a name that may be shown ("token of acme", "e-mail of contact 3") to a value
    that may not; only names are in what is returned.
    """
    folded = text.casefold()
    return [f"leaked: {name}" for name, value in canaries.items() if value.casefold() in folded]
