"""``maverick doctor``: is everything in place, and if not, what to do."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import typer

from maverick_core.kernel.errors import MaverickError
from maverick_core.notifications.rules import NotificationState
from maverick_core.pipeline.batch import BatchState
from maverick_runners.cli.output import Form, Output, print_json, stdout
from maverick_runners.cli.session import session

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

_DISK_WANTED: Final = 1_000_000_000  # bytes


class Verdict(StrEnum):
    """How a check went."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


_MARKS = {Verdict.GOOD: "[green]✓[/]", Verdict.WARNING: "[yellow]![/]", Verdict.BAD: "[red]✕[/]"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``fix`` says what to do unless it is good."""

    verdict: Verdict
    what: str
    fix: str = ""


def doctor(
    offline: bool = typer.Option(False, "--offline", help="Ask nobody but this machine."),
    output: Output = Form.TABLE,
) -> None:
    """Check settings, database, tokens, batches and disk; each problem comes with its fix.

    Exit code 0 when all is well, 1 with warnings, 2 when something keeps Maverick from working.
    """
    findings = list(_machine())
    try:
        with session() as wired:
            findings += _configuration(wired)
            findings += _redis(wired)
            findings += _workspaces(wired, ask=not offline)
            findings += _verifier(wired, ask=not offline)
            findings += _batches(wired)
            findings += _notifications(wired, ask=not offline)
    except MaverickError as error:
        findings.append(Finding(Verdict.BAD, str(error), error.remedy))
    if output is Form.JSON:
        print_json(findings)
    else:
        _print(findings)
    verdicts = {finding.verdict for finding in findings}
    raise typer.Exit(2 if Verdict.BAD in verdicts else int(Verdict.WARNING in verdicts))


def _print(findings: list[Finding]) -> None:
    for finding in findings:
        stdout.print(_MARKS[finding.verdict], end=" ")
        stdout.print(finding.what, markup=False, highlight=False)
        if finding.fix:
            stdout.print(f"  {finding.fix}", markup=False, highlight=False)


def _machine() -> Iterator[Finding]:
    yield Finding(Verdict.GOOD, f"Python {platform.python_version()}")
    free = shutil.disk_usage(".").free
    text = f"{free / 1e9:.1f} GB of disk free here"
    if free >= _DISK_WANTED:
        yield Finding(Verdict.GOOD, text)
    else:
        yield Finding(Verdict.WARNING, text, "Make room: imports and the database need it.")


def _configuration(wired: Wired) -> Iterator[Finding]:
    yield Finding(Verdict.GOOD, f"Database reached ({wired.engine.dialect.name}), up to date")
    if wired.settings.secret_key is None:
        fix = 'Run "maverick init", or set it in the environment.'
        yield Finding(Verdict.BAD, "MAVERICK_SECRET_KEY is not set: no token can be stored.", fix)
    else:
        yield Finding(Verdict.GOOD, "MAVERICK_SECRET_KEY is set")
        yield from _old_keys(wired)
    yield Finding(Verdict.GOOD, f"Email Bison is {wired.settings.bison_url}")


def _old_keys(wired: Wired) -> Iterator[Finding]:
    rotation = wired.rotate_key(dry_run=True)
    if rotation.old:
        what = f"Tokens that are not encrypted with the first secret key: {rotation.old}."
        yield Finding(Verdict.WARNING, what, 'Run "maverick tokens rotate-key".')


def _redis(wired: Wired) -> Iterator[Finding]:
    if wired.settings.redis_url is None:
        return
    from maverick_runners.brokers import redis_complaint

    try:
        complaint = redis_complaint(wired.settings)
    except MaverickError as error:
        yield Finding(Verdict.BAD, str(error), error.remedy)
        return
    if complaint:
        fix = "Give it more memory (maxmemory), and set maxmemory-policy noeviction."
        yield Finding(Verdict.WARNING, complaint, fix)
    else:
        yield Finding(Verdict.GOOD, "Redis reached")


def _workspaces(wired: Wired, *, ask: bool) -> Iterator[Finding]:
    workspaces = wired.store.workspaces()
    if not workspaces:
        fix = 'Add one: "maverick workspaces add acme --timezone America/New_York".'
        yield Finding(Verdict.WARNING, "There is no workspace.", fix)
    for workspace in workspaces:
        slug = workspace.slug
        if wired.store.token_status(workspace.id) is None:
            fix = f'Store one: "maverick tokens set {slug}".'
            yield Finding(Verdict.WARNING, f"{slug}: no token is stored.", fix)
        elif ask:
            yield _token(wired, slug)


def _token(wired: Wired, slug: str) -> Finding:
    try:
        identity = wired.check_token(slug)
    except MaverickError as error:
        return Finding(Verdict.BAD, f"{slug}: {error}", error.remedy)
    return Finding(Verdict.GOOD, f"{slug}: token good for {identity.bison_workspace_name!r}")


def _verifier(wired: Wired, *, ask: bool) -> Iterator[Finding]:
    if not ask:
        return
    try:
        yield Finding(Verdict.GOOD, f"Mailboxes are verified by {wired.verifier.introduce()}")
    except MaverickError as error:
        yield Finding(Verdict.WARNING, f"Verification: {error}", error.remedy)
        return
    if wired.ask_verifier.budget_left() == 0:
        fix = "Wait for tomorrow (UTC), or raise MAVERICK_VERIFIER_DAILY_BUDGET."
        yield Finding(Verdict.WARNING, "The verifier's budget for today is used up.", fix)


def _batches(wired: Wired) -> Iterator[Finding]:
    totals = wired.store.batch_totals()
    for state, word, fix in (
        (BatchState.READY, "wait to be uploaded", 'Run "maverick batches upload".'),
        (BatchState.FAILED, "failed", 'See why: "maverick batches list --state failed".'),
    ):
        if count := totals[state].batches:
            yield Finding(Verdict.WARNING, f"{count} batches {word}.", fix)


def _notifications(wired: Wired, *, ask: bool) -> Iterator[Finding]:
    if ask:
        yield _messages(wired)
    for state, word in (
        (NotificationState.FAILED, "could not be sent"),
        (NotificationState.IN_DOUBT, "may have been sent or not"),
    ):
        if count := len(wired.store.notifications(state=state, limit=10_000)):
            fix = f'See why: "maverick notifications list --state {state}".'
            yield Finding(Verdict.WARNING, f"{count} notifications {word}.", fix)


def _messages(wired: Wired) -> Finding:
    try:
        return Finding(Verdict.GOOD, f"Incidents are told to {wired.messages.introduce()}")
    except MaverickError as error:
        return Finding(Verdict.BAD, f"Slack: {error}", error.remedy)
