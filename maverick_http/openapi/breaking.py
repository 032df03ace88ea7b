"""What would break a client of the API as it was released: a rule for each way.

Both documents are first laid out flat: every operation, and every value that goes in or comes out
by its path. A rule compares two such layouts and names what a client would stumble over. What is
added is no break, where it need not be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

_METHODS: Final = frozenset({"get", "put", "post", "patch", "delete"})
_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


@dataclass(frozen=True, slots=True)
class Value:
    """One value on the wire. ``values`` are those of an enumeration, empty where any will do."""

    types: frozenset[str]
    values: frozenset[str]
    required: bool
    bounds: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path: what goes in and what comes out, by path, and what it asks for."""

    given: Mapping[str, Value]
    answered: Mapping[str, Value]
    statuses: frozenset[str]
    scopes: frozenset[str]


Api = Mapping[str, Operation]
Rule = Callable[[Operation, Operation], Iterator[str]]


def breaks(
    released: Mapping[str, Any], present: Mapping[str, Any], rules: Sequence[Rule] | None = None
) -> list[str]:
    """Return what breaks clients of the released document, a line each."""
    before, now = _flat(released), _flat(present)
    found = [f"{name} is gone" for name in before if name not in now]
    for name in before.keys() & now.keys():
        for rule in RULES if rules is None else rules:
            found += [f"{name}: {line}" for line in rule(before[name], now[name])]
    return sorted(found)


def is_allowed(released: Mapping[str, Any], present: Mapping[str, Any]) -> bool:
    """Say whether the present version's first number announces breaks."""
    first = [int(each["info"]["version"].partition(".")[0]) for each in (released, present)]
    return first[1] > first[0]


def answer_lost(before: Operation, now: Operation) -> Iterator[str]:
    """Find statuses that a client waits for and values that it reads, which are gone."""
    yield from (f"answers {each} no more" for each in sorted(before.statuses - now.statuses))
    yield from (f"{path} is gone" for path in before.answered if path not in now.answered)


def answer_uncertain(before: Operation, now: Operation) -> Iterator[str]:
    """Find values that were always there, and may be missing."""
    for path, old, new in _both(before.answered, now.answered):
        if old.required and not new.required:
            yield f"{path} may be missing"


def answer_widened(before: Operation, now: Operation) -> Iterator[str]:
    """Find values that may be of a type which a client does not expect, such as null."""
    for path, old, new in _both(before.answered, now.answered):
        if more := new.types - old.types:
            yield f"{path} may be {', '.join(sorted(more))}"


def value_removed(before: Operation, now: Operation) -> Iterator[str]:
    """Find values of enumerations that are gone, on either side."""
    for side in ("given", "answered"):
        for path, old, new in _both(getattr(before, side), getattr(now, side)):
            lost = old.values - new.values if new.values else frozenset()
            if lost:
                yield f"{path} knows {', '.join(sorted(lost))} no more"


def request_refused(before: Operation, now: Operation) -> Iterator[str]:
    """Find what a client may send, which is not known any more."""
    yield from (f"{path} is not taken" for path in before.given if path not in now.given)


def request_demands(before: Operation, now: Operation) -> Iterator[str]:
    """Find what a client has to send, and did not have to."""
    for path, new in now.given.items():
        old = before.given.get(path)
        if new.required and (old is None or not old.required):
            yield f"{path} is required"


def request_narrowed(before: Operation, now: Operation) -> Iterator[str]:
    """Find what a client may send, and is refused: a type, a number, a length, a form."""
    for path, old, new in _both(before.given, now.given):
        if less := old.types - new.types:
            yield f"{path} may not be {', '.join(sorted(less))}"
        if new.values and not old.values:
            yield f"{path} takes certain values only"
        yield from (f"{path} has a tighter {name}" for name in _tightened(old.bounds, new.bounds))


def scope_raised(before: Operation, now: Operation) -> Iterator[str]:
    """Find keys that are not enough any more."""
    yield from (f"asks for {scope}" for scope in sorted(now.scopes - before.scopes))


RULES: Final[tuple[Rule, ...]] = (
    answer_lost,
    answer_uncertain,
    answer_widened,
    value_removed,
    request_refused,
    request_demands,
    request_narrowed,
    scope_raised,
)


def _both(
    before: Mapping[str, Value], now: Mapping[str, Value]
) -> Iterator[tuple[str, Value, Value]]:
    for path, old in before.items():
        if path in now:
            yield path, old, now[path]


def _tightened(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in _LOWER:
        if name in new and new[name] > old.get(name, float("-inf")):
            yield name
    for name in _UPPER:
        if name in new and new[name] < old.get(name, float("inf")):
            yield name
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield "pattern"


def _flat(document: Mapping[str, Any]) -> Api:
    return {
        f"{method.upper()} {path}": _operation(operation, document)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    }


def _operation(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Operation:
    given: dict[str, Value] = {}
    for each in operation.get("parameters", ()):
        path = f"{each['in']} {each['name']}"
        given.update(_values(path, each["schema"], document, required=each["required"]))
    body = operation.get("requestBody", {})
    for content in body.get("content", {}).values():
        given.update(_values("body", content["schema"], document, required=body["required"]))
    answered: dict[str, Value] = {}
    for status, response in operation["responses"].items():
        for content in response.get("content", {}).values():
            answered.update(_values(status, content["schema"], document, required=True))
    return Operation(
        given,
        answered,
        frozenset(status for status in operation["responses"] if status.startswith("2")),
        frozenset(scope for need in operation["security"] for scope in need["key"]),
    )


def _values(
    path: str,
    schema: Mapping[str, Any],
    document: Mapping[str, Any],
    *,
    required: bool,
    within: tuple[str, ...] = (),
) -> Iterator[tuple[str, Value]]:
    """Yield the value at ``path`` and those inside it."""
    variants = [*_variants(schema, document)]
    types: set[str] = set()
    for variant in variants:
        types |= {variant["type"]} if isinstance(variant.get("type"), str) else set()
    values = frozenset(str(each) for v in variants for each in v.get("enum", _const(v)))
    bounds = {n: v[n] for v in variants for n in (*_LOWER, *_UPPER, "pattern") if n in v}
    yield path, Value(frozenset(types), values, required, bounds)
    name = str(schema.get("$ref", ""))
    if name and name in within:
        return
    for variant in variants:
        inside = partial(_values, document=document, within=(*within, name))
        needed = variant.get("required", ())
        for part, shape in variant.get("properties", {}).items():
            yield from inside(f"{path}/{part}", shape, required=part in needed)
        for key in ("items", "additionalProperties"):
            if isinstance(variant.get(key), dict):
                yield from inside(f"{path}/*", variant[key], required=False)


def _variants(
    schema: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    if name := str(schema.get("$ref", "")).rpartition("/")[2]:
        yield from _variants(document["components"]["schemas"][name], document)
    elif "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from _variants(each, document)
    else:
        yield schema


def _const(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    return (schema["const"],) if "const" in schema else ()
