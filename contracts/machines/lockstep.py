"""Several stores, to which the same is done, and the demand that nobody can tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from hypothesis.stateful import RuleBasedStateMachine, invariant

from maverick_core.kernel.errors import MaverickError


class Driven(Protocol):
    """A store of several that are driven together."""

    def told(self) -> Mapping[str, object]:
        """Tell all that is on record, by what it is, with names for ids."""
        ...

    def forget(self) -> None:
        """Look again: something was done."""
        ...


PlaceT = TypeVar("PlaceT", bound=Driven)


class Lockstep(RuleBasedStateMachine, Generic[PlaceT]):
    """Does the same to every store and compares; the first store is the one that is asked."""

    def __init__(self, places: Sequence[PlaceT]) -> None:
        """Take stores that are empty, and places of them that know nothing yet."""
        super().__init__()
        self.places = places
        self.first = places[0]

    def together(self, act: Callable[[PlaceT], object]) -> None:
        """Do it everywhere, and demand the same answer or the same error."""
        answers = [outcome(act, place) for place in self.places]
        assert all(answer == answers[0] for answer in answers), answers

    @invariant()
    def the_records_are_the_same(self) -> None:
        """Compare everything on record."""
        told = [place.told() for place in self.places]
        for other in told[1:]:
            differing = {
                name: (said, other[name]) for name, said in told[0].items() if said != other[name]
            }
            assert not differing, differing


def outcome(act: Callable[[PlaceT], object], place: PlaceT) -> object:
    """Return what the act gives, or the kind and code of what it is refused with."""
    try:
        return act(place)
    except MaverickError as error:
        return type(error).__name__, error.code
    except AssertionError:
        return "defect"
    finally:
        place.forget()
