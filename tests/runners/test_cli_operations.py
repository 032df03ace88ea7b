"""What was asked for elsewhere is seen, and done where no workers are."""

from __future__ import annotations

from maverick_core.kernel.time import Month
from maverick_runners.cli.session import session
from tests.runners.conftest import Run


def asked(by: str = "key:ops") -> None:
    """Ask for a plan of acme's present month, as the HTTP facade does."""
    with session() as wired:
        wired.request_plan("acme", by=by)


def test_what_was_asked_for_is_listed_and_done(acme: Run) -> None:
    """Once: a second run finds nothing that waits."""
    asked()
    (before,) = acme("operations", "list", "-o", "json").json["operations"]

    (done,) = acme("operations", "run", "-o", "json").json["operations"]

    assert (before["state"], before["by"]) == ("queued", "key:ops")
    assert done["state"] == "succeeded"
    assert done["result"]["contacts"] == 30
    assert len(acme("batches", "list", "-o", "json").json) == 1
    assert acme("operations", "run").err.startswith("Nothing that was asked for waits.")


def test_an_operation_is_shown_with_what_came_of_it(acme: Run) -> None:
    """By the name that the HTTP facade gave."""
    asked()
    acme("operations", "run")

    shown = acme("operations", "show", "op_000001")

    assert shown.code == 0
    assert "result: contacts" in shown.out
    assert acme("operations", "show", "op_000002").code == 1
    assert acme("operations", "show", "B-7").code == 2


def test_an_operation_that_cannot_be_done_says_why(acme: Run) -> None:
    """And the command fails; here the month has no target."""
    with session() as wired:
        wired.request_plan("acme", Month(2099, 1), by="key:ops")

    ran = acme("operations", "run", "-o", "json")

    (done,) = ran.json["operations"]
    assert ran.code == 1
    assert done["state"] == "failed"
    assert done["problem"]["code"] == "target_missing"
    assert "target" in acme("operations", "show", "1").err


def test_an_upload_first_makes_the_batches_that_were_asked_for(acme: Run) -> None:
    """Whoever asks for a plan over HTTP and then uploads by hand means that plan."""
    asked()

    assert acme("batches", "upload").code == 0
    (batch,) = acme("batches", "list", "-o", "json").json
    assert (batch["state"], batch["contacts"]) == ("uploaded", 30)
