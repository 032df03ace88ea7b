"""An absent service is a skip on a desk and a failure in CI."""

import pytest

from tests.services.fixtures import without


@pytest.mark.parametrize(
    ("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)]
)
def test_a_missing_service_never_passes_for_a_tested_one(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)

    with pytest.raises(outcome, match="apt-get install postgresql"):
        without("PostgreSQL is missing: apt-get install postgresql")
