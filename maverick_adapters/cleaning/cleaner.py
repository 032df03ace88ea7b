"""Phone numbers by phonenumbers, people's names by nameparser, each behind what is cheap."""

from __future__ import annotations

import re
from typing import Final

from maverick_core.pipeline.filtering.names import PersonName

_COUNTRY: Final = "US"
# Written as Americans do, with nothing behind it: what nine in ten are, at a tenth of the price.
_PLAIN_NUMBER = re.compile(
    r"(?:\+?1[ .-]?)?\(?([2-9]\d\d)\)?[ .-]?([2-9]\d\d)[ .-]?(\d{4})", re.ASCII
)
_LONGEST: Final = 250  # characters; phonenumbers refuses longer ones, and names are shorter too


class LibraryCleaner:
    """Satisfies ``Cleaner``. Safe to share between threads; loads a library when it is needed."""

    def phone(self, text: str) -> str | None:
        """Return the number in E.164; see ``Cleaner.phone``."""
        if plain := _PLAIN_NUMBER.fullmatch(text):
            return f"+1{plain[1]}{plain[2]}{plain[3]}"
        if len(text) > _LONGEST:
            return None
        import phonenumbers  # noqa: PLC0415 - its tables take a tenth of a second

        try:
            number = phonenumbers.parse(text, _COUNTRY)
        except phonenumbers.NumberParseException:
            return None
        verdict = phonenumbers.is_possible_number_with_reason(number)
        if verdict != phonenumbers.ValidationResult.IS_POSSIBLE:  # a local one has no area
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def person(self, full_name: str) -> PersonName:
        """Split the name; see ``Cleaner.person``."""
        from nameparser import HumanName  # noqa: PLC0415 - only what is not plain comes here

        name = HumanName(full_name[:_LONGEST])
        return PersonName(str(name.first), " ".join(filter(None, (name.middle, name.last))))
