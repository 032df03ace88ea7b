"""Uploading with live progress, and following a batch that somebody else uploads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from maverick_adapters.system import worker_name
from maverick_core.kernel.ids import batch_name
from maverick_core.operations.rules import OperationKind
from maverick_core.pipeline.batch import BatchState
from maverick_core.pipeline.pages import BatchFilter
from maverick_core.pipeline.views import BatchView
from maverick_core.workspaces.rules import Workspace
from maverick_runners.cli import batch_views
from maverick_runners.cli.output import Form, print_json, print_rows, resumable, say, stderr
from maverick_runners.cli.session import tell

if TYPE_CHECKING:
    from maverick_adapters.container import Wired

_MANY: Final = 100_000  # batches looked at
_LINE_EVERY_TICKS: Final = 100  # ten seconds of ticks, where there is no terminal to draw on
_DRAW_EVERY_TICKS: Final = 3
_MAKES_BATCHES: Final = frozenset({OperationKind.PLAN_BATCHES, OperationKind.REQUEUE_BATCHES})
_LIVE: Final = frozenset({BatchState.READY, BatchState.UPLOADING})
EXIT_OK, EXIT_FAILED, EXIT_PARTLY, EXIT_NOT_READY = 0, 1, 3, 4


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "-/s")


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show progress on stderr: a bar on a terminal, a line now and then elsewhere.

    Gives a function that is told how many of ``total`` are done.
    """
    if not stderr.is_terminal:
        told = [0]

        def line(done: int) -> None:
            told[0] += 1
            if told[0] % _LINE_EVERY_TICKS == 0:
                say(f"{what}: {done:,}/{total:,}")

        yield line
        say(f"{what}: done")
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


def upload(wired: Wired, *, slug: str | None, output: Form) -> int:
    """Upload what waits, of one workspace or of all; print what became of it; return exit code."""
    from maverick_runners.embedded import embedded

    workspace = wired.store.workspace(slug) if slug else None
    _plan_as_asked(wired, slug)
    before = _live(wired, slug)
    ids = {batch.id for batch in before}
    held = [w for w in _workspaces(wired, workspace) if w.hold]
    total = sum(batch.contacts - batch.settled for batch in before)
    if before:
        _try_key(wired, workspace)
        with (
            resumable(),
            embedded(wired) as uploads,
            progress_bar("Uploading", total) as show,
        ):
            uploads.run(
                workspace_id=workspace.id if workspace else None,
                slug=slug,
                tick=_ticker(lambda: show(total - _left(wired, slug, ids))),
            )
    else:
        tell(wired)
    after = wired.store.batches(BatchFilter(slug=slug), limit=_MANY)
    after = [batch for batch in after if batch.id in ids]
    _report(after, output)
    _explain_holds(held, wired, after)
    return _exit_code(after)


def _plan_as_asked(wired: Wired, slug: str | None) -> None:
    """Do the plans and re-queues that wait for a worker: what they make is to be uploaded now."""
    for each in wired.store.waiting_operations(limit=_MANY):
        if each.kind in _MAKES_BATCHES and slug in {None, each.slug}:
            wired.run_operation(each.id, worker=worker_name())


def _try_key(wired: Wired, only: Workspace | None) -> None:
    """Fail now, rather than batch by batch, when the stored tokens cannot be decrypted."""
    for workspace in _workspaces(wired, only):
        if not workspace.hold:
            wired.store.reveal_token(workspace.id)


def _ticker(draw: Callable[[], None]) -> Callable[[], None]:
    ticks = [0]

    def tick() -> None:
        if ticks[0] % _DRAW_EVERY_TICKS == 0:
            draw()
        ticks[0] += 1

    return tick


def _workspaces(wired: Wired, only: Workspace | None) -> Sequence[Workspace]:
    return [only] if only else wired.store.workspaces()


def _live(wired: Wired, slug: str | None) -> Sequence[BatchView]:
    return wired.store.batches(BatchFilter(_LIVE, slug), limit=_MANY)


def _left(wired: Wired, slug: str | None, ids: set[int]) -> int:
    return sum(batch.contacts - batch.settled for batch in _live(wired, slug) if batch.id in ids)


def _report(after: Sequence[BatchView], output: Form) -> None:
    if output is Form.JSON:
        print_json({"batches": [batch_views.as_json(batch) for batch in after]})
        return
    if not after:
        say('No batch waits. Plan some: "maverick batches create --workspace …".')
        return
    rows: dict[tuple[str, str], list[int]] = {}
    for batch in after:
        line = rows.setdefault((batch.slug, batch.month), [0] * 6)
        counts = (1, batch.state is BatchState.FAILED, batch.accepted, batch.skipped)
        for index, count in enumerate((*counts, batch.rejected, batch.contacts - batch.settled)):
            line[index] += count
    columns = (
        *("workspace", "month", "batches", "failed"),
        *("accepted", "skipped", "rejected", "left"),
    )
    print_rows("Uploads", columns, [(*key, *line) for key, line in sorted(rows.items())])
    for batch in after:
        if batch.state is BatchState.FAILED:
            say(f"{batch_name(batch.id)} failed · {batch.failure_code}: {batch.failure_detail}")
            say(f"  {batch_views.remedy(batch)}")


def _explain_holds(held: Sequence[Workspace], wired: Wired, after: Sequence[BatchView]) -> None:
    now_held = {w.slug for w in wired.store.workspaces() if w.hold} | {w.slug for w in held}
    for slug in sorted(now_held):
        waiting = sum(batch.slug == slug and batch.state in _LIVE for batch in after)
        if waiting:
            say(
                f"{slug}: batches that wait for a good token: {waiting}. "
                f'Store one: "maverick tokens set {slug}".'
            )


def _exit_code(after: Sequence[BatchView]) -> int:
    done = sum(batch.state in {BatchState.UPLOADED, BatchState.CANCELLED} for batch in after)
    if done == len(after):
        return EXIT_OK
    if done:
        return EXIT_PARTLY
    failed = any(batch.state is BatchState.FAILED for batch in after)
    return EXIT_FAILED if failed else EXIT_NOT_READY


def watch(wired: Wired, batch_id: int, *, output: Form) -> int:
    """Follow a batch until it is neither ready nor uploading; return the exit code."""
    batch = wired.store.batch(batch_id)
    pause = threading.Event()
    with progress_bar(batch_name(batch_id), batch.contacts) as show:
        while batch.state in _LIVE:
            show(batch.settled)
            pause.wait(0.3)
            batch = wired.store.batch(batch_id)
        show(batch.settled)
    if output is Form.JSON:
        print_json(batch_views.as_json(batch))
    else:
        batch_views.print_list([batch])
    return _exit_code([batch])
