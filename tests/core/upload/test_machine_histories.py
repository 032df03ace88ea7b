"""The upload machine against a destination that does its worst, crashed and resumed at will."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from maverick_core.pipeline.batch import BatchEvent
from maverick_core.pipeline.contact import Outcome
from maverick_core.pipeline.upload.actions import Attach, End, Listen, Pause, Push, Settle
from maverick_core.pipeline.upload.answers import Accepted, Answer, Attached, Refused
from maverick_core.pipeline.upload.machine import UploadMachine
from maverick_core.retry import Backoff, RetryPolicy, Trouble
from tests.core.upload.adversary import MAY_BE_TAKEN, ON_THE_WAY, Destination, Fate, Nature, Record

BRIEF = RetryPolicy(
    {
        Trouble.LIMITED: Backoff(tries=3, first_seconds=1, cap_seconds=4),
        Trouble.UNAVAILABLE: Backoff(tries=2, first_seconds=1, cap_seconds=4),
        Trouble.LOST: Backoff(tries=2, first_seconds=1, cap_seconds=4),
    }
)
FAR_TOO_MANY_STEPS = 3_000

natures = st.sampled_from([Nature.GOOD, Nature.GOOD, *Nature])
fates = st.sampled_from([Fate.ANSWERED, Fate.ANSWERED, Fate.ANSWERED_WITHOUT_ROWS, *Fate])
whims = st.sampled_from(["go on"] * 12 + ["cancel", "stop", "crash"])


@dataclass
class Life:
    """One claim after another of one batch, driven as the service does it."""

    record: Record
    destination: Destination
    draw_fate: Callable[[], Fate]
    draw_index: Callable[[int], int]
    draw_whim: Callable[[], str]
    in_flight: int = 4
    cancelled: bool = False
    perhaps_taken: set[int] = field(default_factory=set)

    def claim(self) -> End | None:
        """Run one claim to its end, or to a crash, which is None."""
        self.perhaps_taken = {
            contact for chunk in self.record.left() if chunk.in_doubt for contact in chunk.contacts
        }
        machine = UploadMachine(
            self.record.left(),
            campaign=self.record.campaign,
            something_accepted=self.record.something_accepted,
            retry=BRIEF,
            in_flight=self.in_flight,
        )
        if self.cancelled:
            machine.cancel()
        return self._drive(machine)

    def _drive(self, machine: UploadMachine) -> End | None:
        under_way: list[Push | Attach] = []
        for _ in range(FAR_TOO_MANY_STEPS):
            match machine.next():
                case Settle() as settlement:
                    self.record.settle(settlement)
                case Push() | Attach() as action:
                    self._launch(action)
                    under_way.append(action)
                case Listen():
                    assert under_way
                    action = under_way.pop(self.draw_index(len(under_way)))
                    machine.answered(action.request, self._answer(action))
                case Pause(seconds):
                    assert seconds > 0
                    assert not under_way
                case End() as end:
                    assert not under_way
                    self._check_end(end)
                    self.record.end(end)
                    return end
            assert len(under_way) <= self.in_flight
            match self.draw_whim():
                case "cancel":
                    self.cancelled = True
                    machine.cancel()
                case "stop":
                    machine.stop()
                case "crash":
                    self._land(under_way)
                    return None
        raise AssertionError("the machine does not come to an end")

    def _launch(self, action: Push | Attach) -> None:
        if isinstance(action, Push):
            new = set(action.contacts) - self.perhaps_taken
            assert not (self.cancelled and new), "nothing new after a cancel"
            assert not set(action.contacts) & self.record.outcomes.keys()
            self.record.sent.add(action.chunk)

    def _answer(self, action: Push | Attach) -> Answer:
        fate = self.draw_fate()
        if isinstance(action, Push) and fate in MAY_BE_TAKEN:
            self.perhaps_taken.update(action.contacts)
        return self.destination.answer(action, fate)

    def _land(self, under_way: Sequence[Push | Attach]) -> None:
        """Let what a dead worker had sent arrive, or not."""
        for action in under_way:
            self.destination.answer(action, self.draw_fate())

    def _check_end(self, end: End) -> None:
        for number in end.not_sent:
            unsettled = self.record.unsettled(number)
            assert not self.perhaps_taken & set(unsettled), "what is in doubt stays in doubt"
        if end.event in (BatchEvent.FINISH, BatchEvent.CANCEL):
            left_in_doubt = self.perhaps_taken - self.record.outcomes.keys()
            assert not left_in_doubt, "a batch is over when nothing is in doubt"


@st.composite
def lives(draw: st.DrawFn) -> Life:
    contacts = draw(st.integers(1, 14))
    size = draw(st.integers(1, contacts))
    chunks = {
        number: tuple(range(start, min(start + size, contacts)))
        for number, start in enumerate(range(0, contacts, size))
    }
    thinks = dict(enumerate(draw(st.lists(natures, min_size=contacts, max_size=contacts))))
    return Life(
        Record(chunks, campaign=draw(st.booleans())),
        Destination(thinks),
        draw_fate=lambda: draw(fates),
        draw_index=lambda count: draw(st.integers(0, count - 1)),
        draw_whim=lambda: draw(whims),
        in_flight=draw(st.integers(1, 4)),
    )


def check_against_destination(record: Record, destination: Destination) -> None:
    taken = {
        contact
        for contact, outcome in record.outcomes.items()
        if outcome in (Outcome.ACCEPTED, Outcome.NOT_ATTACHABLE)
    }
    in_doubt = {contact for number in record.sent for contact in record.unsettled(number)}
    assert taken <= destination.held, "what counts is held"
    assert destination.held <= taken | in_doubt, "what is held counts or is in doubt"


@given(st.data())
@settings(max_examples=max(600, settings().max_examples))
def test_every_history_of_crashes_and_faults_ends_with_the_truth_on_record(
    data: st.DataObject,
) -> None:
    """At most one outcome a contact, nothing counted that is not held, and nothing held unnoticed.

    Each claim ends whatever happens; a quiet last one brings the batch to its end.
    """
    life = data.draw(lives())
    record, destination = life.record, life.destination
    for _ in range(data.draw(st.integers(0, 3))):
        end = life.claim()
        check_against_destination(record, destination)
        if end and end.event in (BatchEvent.FINISH, BatchEvent.CANCEL):
            break
        life.cancelled = life.cancelled and data.draw(st.booleans())
    else:
        life.draw_fate = lambda: Fate.ANSWERED
        life.draw_whim = lambda: "go on"
        end = life.claim()

    check_against_destination(record, destination)
    assert end
    check_end(end, life)


def check_end(end: End, life: Life) -> None:
    record, destination = life.record, life.destination
    unsettled = {contact for number in record.chunks for contact in record.unsettled(number)}
    match end.event:
        case BatchEvent.FINISH:
            assert not unsettled, "finished means that every contact has its outcome"
            assert record.attached == set(record.chunks) or not record.campaign
        case BatchEvent.CANCEL:
            assert life.cancelled
        case _:
            assert end.code in {"refused", "attach_refused"}, "faults are off: only blame is left"
    if record.campaign and end.event is not BatchEvent.FAIL:
        accepted = {
            contact for contact, outcome in record.outcomes.items() if outcome is Outcome.ACCEPTED
        }
        assert accepted <= destination.enrolled, "what was taken is in the campaign"


def _anything(action: Push | Attach) -> st.SearchStrategy[Answer]:
    """Answers with no sense behind them, apart from their shape."""
    count = len(action.contacts)
    rows = st.dictionaries(st.integers(-1, count + 1), st.sampled_from(["a", "b"]))
    refused = st.builds(Refused, st.sampled_from(["a", "b"]), rows)
    trouble = st.sampled_from(list(ON_THE_WAY.values()))
    if isinstance(action, Push):
        ids = st.lists(st.none() | st.integers(1, 99), min_size=count, max_size=count)
        return st.builds(Accepted, ids) | refused | trouble
    missing = st.sets(st.integers(0, count - 1)).map(sorted)
    return st.builds(Attached, missing) | refused | trouble


@dataclass
class Madhouse(Life):
    """A destination that contradicts itself: no truth to find, but an end all the same."""

    draw_answer: Callable[[Push | Attach], Answer] = field(default=lambda _: Attached())

    def _answer(self, action: Push | Attach) -> Answer:
        self.perhaps_taken.clear()
        return self.draw_answer(action)

    def _launch(self, action: Push | Attach) -> None:
        if isinstance(action, Push):
            self.record.sent.add(action.chunk)

    def _check_end(self, end: End) -> None:
        if end.event is BatchEvent.FINISH:
            assert not any(self.record.unsettled(number) for number in self.record.chunks)


@given(st.data())
@settings(max_examples=max(150, settings().max_examples))
def test_even_a_destination_that_contradicts_itself_gets_one_outcome_a_contact_and_an_end(
    data: st.DataObject,
) -> None:
    """Arbitrary answers in any order: the machine ends, and no contact gets two outcomes."""
    sane = data.draw(lives())
    life = Madhouse(
        sane.record,
        sane.destination,
        sane.draw_fate,
        sane.draw_index,
        sane.draw_whim,
        sane.in_flight,
        draw_answer=lambda action: data.draw(_anything(action)),
    )

    for _ in range(3):
        life.claim()
