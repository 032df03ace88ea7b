"""The parts of a store are one object: what one of them defines, no other may define again."""

from collections import Counter

import pytest

from maverick_adapters.memory import MemoryStore
from maverick_adapters.sql import SqlStore


@pytest.mark.parametrize("store", [MemoryStore, SqlStore])
def test_no_two_parts_of_a_store_define_one_name(store: type) -> None:
    """A private method of the same name would silently take the other's place."""
    parts = [part for part in store.__mro__[1:-1] if part.__name__ not in {"Part", "Transactions"}]
    names = Counter(
        name
        for part in parts
        for name, value in vars(part).items()
        if callable(value) and not name.startswith("__")
    )

    assert [name for name, count in names.items() if count > 1] == []
