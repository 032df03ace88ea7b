"""``maverick verification``: candidates become contacts, or are named with why they are not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from maverick_core.access.rules import Action
from maverick_core.pipeline.verification.service import Rehearsed, Told, Verified
from maverick_core.pipeline.verification.verdicts import RISKS, Reason, Verdict
from maverick_runners.cli.auditing import audited
from maverick_runners.cli.output import (
    Form,
    Output,
    print_json,
    print_rows,
    resumable,
    say,
    stderr,
)
from maverick_runners.cli.session import session, who

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

EXIT_PARTLY: Final = 3

app = typer.Typer(
    help="Candidates: whose mailbox takes mail, and whose does not.", no_args_is_help=True
)
policy_app = typer.Typer(help="Which risks a workspace takes.")
app.add_typer(policy_app, name="policy", no_args_is_help=True)

_LINE_EVERY_SECONDS: Final = 10.0  # where there is no terminal to draw on

_Slug = Annotated[str, typer.Option("--workspace", "-w", help="Whose candidates they are.")]
_Whose = Annotated[
    str | None, typer.Option("--workspace", "-w", help="Only this one's candidates.")
]


@app.command("run")
def run(
    workspace: _Whose = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would be asked and what it costs; ask nobody."),
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Verify the candidates that wait; those that may be written to are contacts then.

    What is known already is settled first and costs nothing. Running it again, or after a crash,
    goes on where it was. Exit code 3 when some still wait.
    """
    if dry_run:
        _rehearse(workspace, output)
        return
    with session() as wired, resumable():
        done = [_verify(wired, slug, again=False) for slug in _slugs(wired, workspace)]
        left = wired.ask_verifier.budget_left()
    _report(done, left, output)


@app.command("again")
def again(workspace: _Whose = None, output: Output = Form.TABLE) -> None:
    """Verify again who was unknown or a risk, once that is not believed any more."""
    with session() as wired, resumable():
        done = [_verify(wired, slug, again=True) for slug in _slugs(wired, workspace)]
        left = wired.ask_verifier.budget_left()
    _report(done, left, output)


@app.command("show")
def show(workspace: _Slug, output: Output = Form.TABLE) -> None:
    """Show where a workspace's candidates are, by verdict and reason, and what may be asked yet."""
    with session() as wired:
        counts = wired.store.verification_counts(wired.store.workspace(workspace).id)
        left = wired.ask_verifier.budget_left()
        name = wired.verifier.name
    if output is Form.JSON:
        document = {
            "workspace": workspace,
            "waiting": counts.waiting,
            "contacts": counts.contacts,
            "not_mailable": _by_reason(counts.not_mailable),
            "verifier": name,
            "budget_left": left,
        }
        print_json(document)
        return
    not_mailable = sum(counts.not_mailable.values())
    row = (counts.waiting, counts.contacts, not_mailable)
    print_rows(f"Candidates of {workspace}", ("waiting", "contacts", "not mailable"), [row])
    _print_reasons("Not mailable", counts.not_mailable)
    _say_budget(left)


@policy_app.command("show")
def show_policy(workspace: _Slug, output: Output = Form.TABLE) -> None:
    """Show which risks a workspace takes."""
    with session() as wired:
        policy = wired.store.policy(wired.store.workspace(workspace).id)
    taken = {risk.value: risk in policy.risks for risk in RISKS}
    if output is Form.JSON:
        print_json({"workspace": workspace, "risks": taken})
        return
    rows = [(risk, "taken" if is_taken else "-") for risk, is_taken in taken.items()]
    print_rows(f"Risks of {workspace}", ("risk", ""), rows)


@policy_app.command("set")
def set_policy(
    workspace: _Slug,
    risks: Annotated[
        list[str] | None,
        typer.Option("--take", help="A risk to take; again for more. None at all takes none."),
    ] = None,
    output: Output = Form.TABLE,
) -> None:
    """Take these risks and no others. Who was turned down for one is judged anew by the next run.

    Who is a contact already stays one.
    """
    taken = sorted(risks or ())
    with (
        session() as wired,
        audited(wired, Action.RISKS_SET, workspace, slug=workspace, detail=", ".join(taken)),
    ):
        wired.set_policy(workspace, taken, by=who())
    if output is Form.JSON:
        print_json({"workspace": workspace, "risks": taken})
        return
    say(f"{workspace} takes these risks: {', '.join(taken) or 'none'}.")


def _slugs(wired: Wired, slug: str | None) -> Sequence[str]:
    return [slug] if slug else [each.slug for each in wired.store.workspaces()]


def _verify(wired: Wired, slug: str, *, again: bool) -> Verified:
    use_case = wired.verify_again if again else wired.verify_candidates
    with _progress(slug) as told, audited(wired, Action.VERIFY_RUN, slug, slug=slug):
        return use_case(slug, breath=wired.airfield.flights(), told=told)


def _rehearse(workspace: str | None, output: Form) -> None:
    with session() as wired:
        name = wired.verifier.name
        done = [wired.rehearse_verification(slug) for slug in _slugs(wired, workspace)]
    if output is Form.JSON:
        print_json({"dry_run": True, "verifier": name, "verified": [_planned(e) for e in done]})
        return
    for each in done:
        row = (each.settled, each.mailable, each.to_ask)
        columns = ("known already", "of them mailable", f"to ask {name} about, at the most")
        print_rows(f"Verification of {each.slug}", columns, [row])
    _say_budget(done[0].budget_left if done else None)


def _planned(each: Rehearsed) -> Mapping[str, Any]:
    return {
        "workspace": each.slug,
        "settled": each.settled,
        "mailable": each.mailable,
        "to_ask": each.to_ask,
        "budget_left": each.budget_left,
    }


def _report(done: Sequence[Verified], left: int | None, output: Form) -> None:
    if output is Form.JSON:
        print_json({"verified": [_as_json(each) for each in done], "budget_left": left})
    else:
        for each in done:
            row = (each.settled, each.mailable, each.settled - each.mailable, each.asked)
            columns = ("settled", "contacts now", "not mailable", "asked about")
            print_rows(f"Verification of {each.slug}", columns, [row])
            _print_reasons("Verdicts", each.reasons)
            if each.why:
                say(f"{each.slug}: some still wait. {each.why}")
        _say_budget(left)
    if any(each.why for each in done):
        raise typer.Exit(EXIT_PARTLY)


def _as_json(done: Verified) -> Mapping[str, Any]:
    return {
        "workspace": done.slug,
        "settled": done.settled,
        "mailable": done.mailable,
        "asked": done.asked,
        "reasons": _by_reason(done.reasons),
        "why": done.why,
    }


def _by_reason(counts: Mapping[tuple[Verdict, Reason], int]) -> Sequence[Mapping[str, Any]]:
    return [
        {"verdict": verdict, "reason": reason, "candidates": count}
        for (verdict, reason), count in sorted(counts.items())
    ]


def _print_reasons(title: str, counts: Mapping[tuple[Verdict, Reason], int]) -> None:
    rows = [(str(kind[0]), str(kind[1]), count) for kind, count in sorted(counts.items())]
    if rows:
        print_rows(title, ("verdict", "reason", "candidates"), rows)


def _say_budget(left: int | None) -> None:
    if left is not None:
        say(f"{left:,} mailboxes may be asked about yet today (UTC).")


@contextmanager
def _progress(slug: str) -> Iterator[Told]:
    """Show on stderr how far it is: a line that moves on a terminal, one now and then elsewhere."""
    begun = told_at = time.monotonic()

    def words(so_far: Verified) -> str:
        rate = so_far.settled / max(time.monotonic() - begun, 1e-3)
        return (
            f"{slug}: {so_far.settled:,} settled · {rate:,.0f}/s · {so_far.mailable:,} contacts "
            f"· {so_far.asked:,} asked about"
        )

    if not stderr.is_terminal:

        def tell_now_and_then(so_far: Verified) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= _LINE_EVERY_SECONDS:
                told_at = time.monotonic()
                say(words(so_far))

        yield tell_now_and_then
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task(slug, total=None)
        yield lambda so_far: bar.update(task, description=words(so_far))
