"""Put, patch and validation as properties: any row over any lead, any junk as a row."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from contracts.bison.asking import client, open_stub, person, upsert
from contracts.bison.stub import Switches
from contracts.bison.stub.lead_rows import plainly_sound, row_errors

FIELDS = ("first_name", "last_name", "title", "company", "notes")
FULL: dict[str, Any] = dict.fromkeys(FIELDS, "x")
NULLS: dict[str, Any] = dict.fromkeys(FIELDS[1:])
BLANKS: dict[str, Any] = dict.fromkeys(FIELDS[1:], "")

texts = st.text(st.characters(codec="utf-8"), max_size=8)
names = st.sampled_from(["city", "phone"])
variables = st.lists(
    st.fixed_dictionaries({"name": names, "value": st.none() | texts}),
    max_size=3,
)
rows = st.fixed_dictionaries(
    {"first_name": texts.filter(str.strip), "email": st.just("ann@agency.example")},
    optional={
        "last_name": st.none() | texts,
        "title": st.none() | texts,
        "company": st.none() | texts,
        "notes": st.none() | texts,
        "custom_variables": variables,
    },
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
spoilt = st.builds(
    lambda row, name, value: {**row, name: value},
    rows,
    st.sampled_from([*FIELDS, "email", "custom_variables"]),
    anything,
)
junk = (
    spoilt
    | anything
    | st.fixed_dictionaries(
        {},
        optional={
            "first_name": texts | anything,
            "email": st.sampled_from(["ann@agency.example", "ann", ""]) | anything,
            **dict.fromkeys(FIELDS[1:], texts | anything),
            "custom_variables": anything
            | st.lists(
                st.fixed_dictionaries({}, optional={"name": texts | anything, "value": anything}),
                max_size=3,
            ),
        },
    )
)


def model(held: dict[str, Any], row: dict[str, Any], behavior: str) -> dict[str, Any]:
    """Say in other words what a row makes of a lead."""
    if behavior == "put":
        held = {}
    after = {name: row.get(name, held.get(name)) for name in FIELDS}

    given_ones = row.get("custom_variables")
    kept = {} if given_ones == [] else dict(held.get("custom_variables", {}))
    for variable in given_ones or []:
        kept[variable["name"]] = variable["value"]
    return {**after, "custom_variables": kept}


def shown(lead: dict[str, Any]) -> dict[str, Any]:
    """Reduce a lead to what rows can change."""
    by_name = {each["name"]: each["value"] for each in lead["custom_variables"]}
    assert len(by_name) == len(lead["custom_variables"])
    return {**{name: lead[name] for name in FIELDS}, "custom_variables": by_name}


@given(st.lists(st.tuples(rows, st.sampled_from(["put", "patch"])), min_size=2, max_size=4))
@example([(person(**FULL), "put"), (person(**NULLS), "patch")])
@example([(person(**FULL), "put"), (person(**BLANKS), "patch")])
def test_a_history_of_puts_and_patches_leaves_what_the_rules_say(
    history: list[tuple[dict[str, Any], str]],
) -> None:
    """Put takes the row and wipes the rest; patch takes what the row has and keeps the rest."""
    asking = client(open_stub())
    held: dict[str, Any] = {}

    for row, behavior in history:
        answer = upsert(asking, row, behavior=behavior).json()["data"][0]
        held = model(held, row, behavior)

        assert shown(answer) == held

    assert asking.get("/api/leads/ann@agency.example").json()["data"] == answer


@given(rows, st.sampled_from(["put", "patch"]))
def test_sending_the_same_upsert_again_changes_nothing(row: dict[str, Any], behavior: str) -> None:
    """The idempotence that settling a lost answer relies on."""
    asking = client(open_stub())
    upsert(asking, person(title="old", custom_variables=[{"name": "city", "value": "Ulm"}]))

    once = upsert(asking, row, behavior=behavior).json()["data"]
    twice = upsert(asking, row, behavior=behavior).json()["data"]

    assert [each["id"] for each in once] == [each["id"] for each in twice]
    assert shown(once[0]) == shown(twice[0])


@given(junk)
def test_what_looks_sound_at_a_glance_is_sound(row: Any) -> None:
    """The fast path may send a sound row to the slow one, but takes none that is not."""
    if plainly_sound(row):
        assert not row_errors(row, Switches(), {})


@given(rows)
def test_a_sound_row_has_no_errors(row: dict[str, Any]) -> None:
    """What the property tests call a row is one."""
    assert not row_errors(row, Switches(), {})


@given(st.lists(junk, min_size=1, max_size=4))
def test_no_row_brings_the_server_down(chunk: list[Any]) -> None:
    """Any JSON is taken (2xx) or refused (4xx), and a refused chunk changes nothing."""
    stub = open_stub()

    answer = client(stub).post("/api/leads/create-or-update/multiple", json={"leads": chunk})

    assert answer.status_code in (201, 422)
    assert len(stub.held("Acme")) == (1 if answer.status_code == 201 else 0)
