"""``maverick targets``: how many contacts Email Bison is to have, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maverick_core.access.rules import Action
from maverick_core.kernel.time import Month
from maverick_core.targets.forecast import Forecast, Outlook
from maverick_core.targets.service import TargetReport
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import Form, Output, plain, print_json, print_rows, say
from maverick_runners.cli.session import session, who

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

app = typer.Typer(help="Monthly targets and how they stand.", no_args_is_help=True)

COLUMNS = (
    "workspace",
    "month",
    "target",
    "uploaded",
    "reserved",
    "skipped",
    "rejected",
    "doubt",
    "left",
)
_Slug = Annotated[str, typer.Argument(help="The workspace.", metavar="WORKSPACE")]


@app.command("set")
def set_target(
    slug: _Slug,
    month: Annotated[str, typer.Argument(help="The month, as YYYY-MM.")],
    contacts: Annotated[int, typer.Argument(help="Contacts that Email Bison is to take.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the target.")] = "",
    output: Output = Form.TABLE,
) -> None:
    """Set a month's target. Lowering it takes back nothing that is planned already."""
    asked = Month.parse(month)
    with session() as wired:
        with audited(
            wired,
            Action.TARGET_SET,
            f"{slug}/{asked}",
            slug=slug,
            detail=f"{contacts} contacts",
        ):
            wired.set_target(slug, asked, contacts, by=who(), reason=reason)
        report = wired.show_target(slug, asked)
    _print(report, output)


@app.command("show")
def show(
    slug: _Slug,
    month: Annotated[
        str | None, typer.Option(help="YYYY-MM; the present month where the workspace is.")
    ] = None,
    recount: Annotated[
        bool, typer.Option("--recount", help="Count every single outcome, as a proof.")
    ] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Who changed the target, when and why.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Show how a month stands: target, uploaded, reserved, what was refused, and the forecast."""
    with session() as wired:
        report = wired.show_target(slug, Month.parse(month) if month else None)
        if recount:
            if not _is_proven(wired, slug, report.month):
                say("The recount differs from the account: please report this as a defect.")
                raise typer.Exit(1)
            say("Recounted from the single outcomes: the account is right.")
    _print(report, output, history=history)
    if history and output is Form.TABLE:
        rows = [(c.at, c.by, c.before, c.contacts, c.reason) for c in report.history]
        print_rows("Changes of the target", ("at", "by", "from", "to", "reason"), rows)


def _is_proven(wired: Wired, slug: str, month: Month) -> bool:
    """Say whether the single outcomes add up to the account.

    An upload that is under way moves both between two looks, so a difference counts only where the
    account stood still meanwhile.
    """
    workspace = wired.store.workspace(slug)
    before = wired.store.account(workspace.id, month)
    while wired.store.recount(workspace.id, month) != before:
        now = wired.store.account(workspace.id, month)
        if now == before:
            return False
        before = now
    return True


def _print(report: TargetReport, output: Form, *, history: bool = False) -> None:
    if output is Form.JSON:
        changes = {"history": report.history} if history else {}
        print_json({**as_json(report), **changes})
        return
    print_reports([report])


def print_reports(reports: Sequence[TargetReport]) -> None:
    """Print a table of accounts, and under it what each month will come to."""
    print_rows("Targets", COLUMNS, [row(report) for report in reports])
    for report in reports:
        say(f"{report.slug}: {in_words(report.forecast)}")


def as_json(report: TargetReport) -> dict[str, Any]:
    """Return the report as the flat object that ``--output json`` promises."""
    return {
        "workspace": report.slug,
        "month": str(report.month),
        **plain(report.account),
        "supply": report.supply,
        "forecast": plain(report.forecast),
    }


def row(report: TargetReport) -> tuple[Any, ...]:
    """Return the report as a row of a table with ``COLUMNS``."""
    account = report.account
    return (
        report.slug,
        report.month,
        account.target,
        account.uploaded,
        account.reserved,
        account.skipped,
        account.rejected,
        account.in_doubt,
        account.remaining,
    )


def in_words(forecast: Forecast) -> str:
    """Return the outlook as a sentence."""
    sentences = {
        Outlook.NO_TARGET: 'No target is set. Set one with "maverick targets set".',
        Outlook.REACHED: "The target is reached.",
        Outlook.TOO_EARLY: "Too early for a forecast: it takes three working days.",
        Outlook.ON_PACE: "On pace.",
        Outlook.AT_RISK: "At risk of missing the target.",
        Outlook.WILL_MISS: "Will miss the target at this rate.",
        Outlook.SHORT_OF_CONTACTS: f"Short of {forecast.short_of:,} verified contacts.",
    }
    sentence = sentences[forecast.outlook]
    if forecast.expected is None or forecast.outlook is Outlook.REACHED:
        return sentence
    return (
        f"{sentence} Month end: {forecast.expected:,} "
        f"(80 %: {forecast.low:,} to {forecast.high:,}); even pace by today {forecast.even_pace:,}."
    )
