"""The stub's lead routes: what is taken, what is refused, and what is left out in silence."""

from typing import Any

import orjson
import pytest

from contracts.bison.asking import (
    MULTIPLE,
    OTHER,
    UPSERT,
    client,
    emails,
    ids,
    open_stub,
    people,
    person,
    upsert,
)
from contracts.bison.stub import Switches

MISSING = "You do not have a custom variable named {}. Please create one and try again"


def test_an_upsert_answers_with_ids_for_new_and_existing_leads_alike() -> None:
    """That is what makes it the request that may be sent again."""
    asking = client(open_stub())

    first = upsert(asking, person("a@agency.example"))
    second = upsert(asking, person("a@agency.example"), person("b@agency.example"))

    assert (first.status_code, second.status_code) == (201, 201)
    assert emails(second) == ["a@agency.example", "b@agency.example"]
    assert ids(second)[0] == ids(first)[0]


def test_put_is_the_default_and_wipes_what_a_row_omits() -> None:
    """Also when ``existing_lead_behavior`` stands on the lead, where it is ignored."""
    asking = client(open_stub())
    rich = person(company="Oak", custom_variables=[{"name": "city", "value": "Ulm"}])
    upsert(asking, rich)

    row = upsert(asking, person(existing_lead_behavior="patch"), behavior=None).json()["data"][0]

    assert row["company"] is None
    assert row["custom_variables"] == []


def test_patch_keeps_what_a_row_omits_and_an_empty_list_clears_the_variables() -> None:
    """To keep a lead's custom variables, leave the key out."""
    asking = client(open_stub())
    rich = person(company="Oak", custom_variables=[{"name": "city", "value": "Ulm"}])
    upsert(asking, rich)

    kept = upsert(asking, person()).json()["data"][0]
    cleared = upsert(asking, person(custom_variables=[])).json()["data"][0]

    assert kept["company"] == "Oak"
    assert kept["custom_variables"] == [{"name": "city", "value": "Ulm"}]
    assert cleared["company"] == "Oak"
    assert cleared["custom_variables"] == []


def test_an_unknown_behavior_is_refused() -> None:
    """The JSON upsert has ``put`` and ``patch`` but no ``skip``."""
    answer = upsert(client(open_stub()), person(), behavior="skip")

    assert answer.status_code == 422
    assert "existing_lead_behavior" in answer.json()["errors"]


def test_only_the_accepted_fields_are_kept() -> None:
    """``company_name``, ``phone``, ``tags`` and the like are dropped without a word."""
    stub = open_stub()
    extra: dict[str, Any] = {
        "phone": "1",
        "company_name": "Oak",
        "tags": ["x"],
        "custom_fields": {},
        "id": 9,
    }

    answer = upsert(client(stub), person(title="Owner", notes="n", **extra))

    row = answer.json()["data"][0]
    assert answer.status_code == 201
    assert (row["title"], row["notes"], row["company"]) == ("Owner", "n", None)
    assert not {"phone", "company_name", "custom_fields"} & set(row)
    assert row["id"] != 9


def test_an_address_twice_in_a_chunk_is_one_lead() -> None:
    """Silently, whatever its case: the answer has one row for the two."""
    stub = open_stub()

    answer = upsert(client(stub), person("a@agency.example"), person("A@agency.example"))

    assert answer.status_code == 201
    assert len(answer.json()["data"]) == 1
    assert stub.held("Acme") == {"a@agency.example"}
    assert stub.pushes == {"a@agency.example": 1}


def test_personal_domains_are_left_out_in_silence() -> None:
    """2xx, but the address is neither in the answer nor in the workspace."""
    stub = open_stub()

    answer = upsert(client(stub), person("ann@gmail.com"), person("ann@agency.example"))

    assert answer.status_code == 201
    assert emails(answer) == ["ann@agency.example"]
    assert stub.held("Acme") == {"ann@agency.example"}


def test_switch_g_takes_personal_domains() -> None:
    """Some instances have them enabled."""
    asking = client(open_stub(Switches(personal_domains="accept")))

    assert emails(upsert(asking, person("ann@gmail.com"))) == ["ann@gmail.com"]


def test_one_address_in_two_workspaces_is_two_leads() -> None:
    """Ids are unique over all workspaces."""
    stub = open_stub()

    ours = upsert(client(stub), person())
    theirs = upsert(client(stub, OTHER), person())

    assert ids(ours) != ids(theirs)


@pytest.mark.parametrize("path", [UPSERT, MULTIPLE])
def test_500_leads_are_taken_and_501_refused(path: str) -> None:
    """The limit is a validation error; nothing of the request is applied."""
    stub = open_stub()

    refused = client(stub).post(path, json={"leads": people(501)})
    held = stub.held_count("Acme")
    taken = client(stub).post(path, json={"leads": people(500)})

    assert refused.status_code == 422
    assert refused.json()["errors"]["leads"] == [
        "The leads field must not have more than 500 items.",
    ]
    assert held == 0
    assert taken.status_code == 201
    assert len(taken.json()["data"]) == 500


def test_switch_h_truncates_or_fails_beyond_500() -> None:
    """Another author saw the rest cut off, or a bare 500."""
    cutting = client(open_stub(Switches(over_limit="truncate")))
    failing = client(open_stub(Switches(over_limit="fail")))

    cut = upsert(cutting, *people(501))
    failed = upsert(failing, *people(501))

    assert (cut.status_code, len(cut.json()["data"])) == (201, 500)
    assert failed.status_code == 500


@pytest.mark.parametrize("leads", [None, [], {}, "x", {"0": {}}])
def test_a_chunk_needs_leads(leads: Any) -> None:
    """No leads, or no list of them, is a validation error."""
    answer = client(open_stub()).post(UPSERT, json={"leads": leads})

    assert answer.status_code == 422
    assert "leads" in answer.json()["errors"]


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"first_name": "Ann"}, "email"),
        ({"email": "ann@agency.example"}, "first_name"),
        (person(first_name=""), "first_name"),
        (person(first_name="  "), "first_name"),
        (person("ann"), "email"),
        (person("ann@agency"), "email"),
        (person("a b@agency.example"), "email"),
        (person("ann@agency.example "), "email"),
        (person(last_name=7), "last_name"),
        (person(title=7), "title"),
        (person(company=["x"]), "company"),
        (person(notes=True), "notes"),
        (person(custom_variables="x"), "custom_variables"),
        (person(custom_variables=[{"value": "x"}]), "custom_variables.0.name"),
        (person(custom_variables=[{"name": "", "value": "x"}]), "custom_variables.0.name"),
        (person(custom_variables=[{"name": None, "value": "x"}]), "custom_variables.0.name"),
        (person(custom_variables=[{"name": 7, "value": "x"}]), "custom_variables.0.name"),
        (person(custom_variables=[{"name": "city", "value": 7}]), "custom_variables.0.value"),
        (person(custom_variables={"city": "Ulm"}), "custom_variables.city.name"),
        ("not a lead", "email"),
    ],
)
def test_an_invalid_row_refuses_the_chunk_and_is_named(row: Any, path: str) -> None:
    """422 with the dotted index of the row; the good rows are not applied."""
    stub = open_stub()

    answer = client(stub).post(UPSERT, json={"leads": [person("good@agency.example"), row]})

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [f"leads.1.{path}"]
    assert answer.json()["message"] == answer.json()["errors"][f"leads.1.{path}"][0]
    assert stub.held("Acme") == set()


def test_invalid_rows_may_be_refused_without_being_named() -> None:
    """The answer to one invalid row was not recorded: a client must be able to find it itself."""
    stub = open_stub(Switches(invalid_rows="unindexed"))

    answer = upsert(client(stub), person("good@agency.example"), person("bad"))

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["leads"]
    assert stub.held("Acme") == set()


def test_invalid_rows_may_be_left_out_in_silence() -> None:
    """The third possibility."""
    asking = client(open_stub(Switches(invalid_rows="skip")))

    answer = upsert(asking, person("bad"), person("good@agency.example"))

    assert answer.status_code == 201
    assert emails(answer) == ["good@agency.example"]


def test_a_refused_address_is_an_invalid_row_with_its_reason() -> None:
    """Tests choose which addresses the API dislikes, and may change their mind."""
    stub = open_stub(refused_emails={"Bad@agency.example": "No thanks."})
    asking = client(stub)

    refused = upsert(asking, person("good@agency.example"), person("bad@agency.example"))
    stub.accept("bad@agency.example")
    taken = upsert(asking, person("bad@agency.example"))

    assert refused.status_code == 422
    assert refused.json()["errors"] == {"leads.1.email": ["No thanks."]}
    assert taken.status_code == 201


def test_last_names_are_optional_unless_switch_c_requires_them() -> None:
    """The specification requires what live does not ask for."""
    lenient, strict = client(open_stub()), client(open_stub(Switches(last_name_required=True)))

    refused = upsert(strict, person())

    assert upsert(lenient, person()).status_code == 201
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["leads.0.last_name"]
    assert upsert(strict, person(last_name="Oak")).status_code == 201


@pytest.mark.parametrize("name", ["shoe size", "City"])
@pytest.mark.parametrize("path", [UPSERT, MULTIPLE])
def test_a_missing_custom_variable_fails_the_whole_batch(path: str, name: str) -> None:
    """Stored names are lower-case, so a reference in capitals misses as well."""
    stub = open_stub()
    row = person(custom_variables=[{"name": name, "value": "44"}])

    answer = client(stub).post(path, json={"leads": [person("good@agency.example"), row]})

    assert answer.status_code == 422
    assert answer.json()["data"] == {"success": False, "message": MISSING.format(name)}
    assert stub.held("Acme") == set()


def test_a_missing_custom_variable_may_be_400() -> None:
    """One report has 400."""
    asking = client(open_stub(Switches(missing_variable_status=400)))

    assert upsert(asking, person(custom_variables=[{"name": "x", "value": ""}])).status_code == 400


def test_creating_many_is_all_or_none() -> None:
    """One address the workspace has already refuses the whole request."""
    stub = open_stub()
    asking = client(stub)
    asking.post(MULTIPLE, json={"leads": people(2)})

    again = asking.post(MULTIPLE, json={"leads": people(2, start=1)})

    assert again.status_code == 422
    assert "already been taken" in again.json()["message"]
    assert list(again.json()["errors"]) == ["leads.0.email"]
    assert stub.held("Acme") == {"p0@agency.example", "p1@agency.example"}


def test_creating_many_takes_an_address_twice_for_one() -> None:
    """A duplicate inside one request is no error, unlike one in the workspace."""
    asking = client(open_stub())

    answer = asking.post(MULTIPLE, json={"leads": [*people(2), *people(1)]})

    assert answer.status_code == 201
    assert emails(answer) == ["p0@agency.example", "p1@agency.example"]


def test_creating_one_lead() -> None:
    """201 with the lead; its address must be new, its fields are named without an index."""
    asking = client(open_stub())

    created = asking.post("/api/leads", json=person(company="Oak"))
    again = asking.post("/api/leads", json=person("ANN@agency.example"))
    invalid = asking.post("/api/leads", json={"email": "x"})

    assert (created.status_code, again.status_code, invalid.status_code) == (201, 422, 422)
    assert created.json()["data"]["company"] == "Oak"
    assert again.json()["errors"] == {"email": ["The email has already been taken."]}
    assert set(invalid.json()["errors"]) == {"first_name", "email"}


def test_a_lead_is_found_by_id_and_by_address() -> None:
    """Both exactly; the case of the address does not matter."""
    asking = client(open_stub())
    number = ids(upsert(asking, person("Ann@agency.example")))[0]

    by_id = asking.get(f"/api/leads/{number}")
    by_email = asking.get("/api/leads/ANN%40agency.example")

    assert by_id.json() == by_email.json()
    assert by_id.json()["data"]["email"] == "Ann@agency.example"


def test_leads_come_in_pages_of_15_whatever_per_page_says() -> None:
    """``per_page`` is ignored on most live routes; so is ``workspace_id``."""
    asking = client(open_stub())
    upsert(asking, *people(20))

    pages = [
        asking.get("/api/leads", params={"page": n, "per_page": 100, "workspace_id": 99}).json()
        for n in (1, 2)
    ]

    assert [len(page["data"]) for page in pages] == [15, 5]
    assert pages[0]["meta"]["total"] == 20


def test_switch_f_honours_per_page() -> None:
    """A few reports say that it works."""
    asking = client(open_stub(Switches(per_page="honoured")))
    upsert(asking, *people(20))

    page = asking.get("/api/leads", params={"per_page": 18}).json()

    assert len(page["data"]) == 18
    assert page["meta"]["last_page"] == 2


def test_switch_k_pages_by_cursor_where_it_is_asked_to() -> None:
    """No total then; following ``next_cursor`` to its end sees every row once."""
    asking = client(open_stub(Switches(pagination="cursor")))
    upsert(asking, *people(37))
    seen: list[str] = []
    cursor: str | None = ""

    while cursor is not None:
        params = {"pagination_type": "cursor", "cursor": cursor}
        page = asking.get("/api/leads", params=params).json()
        seen += [row["email"] for row in page["data"]]
        cursor = page["meta"]["next_cursor"]

    assert seen == [row["email"] for row in people(37)]
    assert "total" not in page["meta"]
    assert "total" in asking.get("/api/leads").json()["meta"]


def test_without_switch_k_a_cursor_is_ignored() -> None:
    """Older instances answer with their first page."""
    asking = client(open_stub())
    upsert(asking, *people(2))

    page = asking.get("/api/leads", params={"pagination_type": "cursor"}).json()

    assert page["meta"]["total"] == 2


def test_search_filters_and_email_does_not() -> None:
    """``?email=`` is silently ignored."""
    asking = client(open_stub())
    upsert(asking, person("a@agency.example"), person("b@agency.example", company="Oak"))

    assert emails(asking.get("/api/leads", params={"search": "OAK"})) == ["b@agency.example"]
    assert emails(asking.get("/api/leads", params={"search": "birch"})) == []
    assert len(emails(asking.get("/api/leads", params={"email": "a@agency.example"}))) == 2


def test_a_search_for_an_unknown_address_may_return_everything() -> None:
    """Seen live once with 8,491 rows: compare every row that a search returns."""
    quirky = client(open_stub())
    plain = client(open_stub(Switches(search_miss="nothing")))
    params = {"search": "nobody@agency.example"}
    upsert(quirky, *people(3))
    upsert(plain, *people(3))

    assert len(emails(quirky.get("/api/leads", params=params))) == 3
    assert emails(plain.get("/api/leads", params=params)) == []


def test_filters_work_in_brackets_only() -> None:
    """The dotted form of the specification is silently ignored."""
    stub = open_stub()
    asking = client(stub)
    first = ids(upsert(asking, *people(2)))[0]
    campaign = stub.add_campaign("Acme", "Spring", status="active")
    asking.post(f"/api/campaigns/{campaign}/leads/attach-leads", json={"lead_ids": [first]})

    bracketed = asking.get("/api/leads", params={"filters[lead_campaign_status]": "in_sequence"})
    dotted = asking.get("/api/leads", params={"filters.lead_campaign_status": "in_sequence"})

    assert ids(bracketed) == [first]
    assert len(ids(dotted)) == 2


def test_a_lead_is_shown_as_large_as_live() -> None:
    """About 679 bytes for a usual one: it decides what a client's decoder costs."""
    stub = open_stub()
    asking = client(stub)
    variables = [{"name": "city", "value": "Springfield"}, {"name": "phone", "value": "+1 555"}]
    row = person(
        "ann.lindqvist@lindqvist-insurance.example",
        last_name="Lindqvist",
        title="Owner",
        company="Lindqvist Insurance",
        custom_variables=variables,
    )
    campaign = stub.add_campaign("Acme", "Spring")
    attached = {"lead_ids": ids(upsert(asking, row))}
    asking.post(f"/api/campaigns/{campaign}/leads/attach-leads", json=attached)

    shown = upsert(asking, row).json()["data"][0]

    assert 600 <= len(orjson.dumps(shown)) <= 760
    assert shown["status"] == "unverified"
    assert shown["lead_campaign_data"][0]["campaign_id"] == campaign
    assert shown["overall_stats"]["unique_replies"] == 0
    assert shown["created_at"] < shown["updated_at"]
    assert shown["updated_at"].endswith(".000000Z")
    assert len(shown["uuid"]) == 36


def test_slim_answers_are_about_79_bytes_a_lead() -> None:
    """For benchmarks that compare with figures of small answers."""
    asking = client(open_stub(Switches(answers="slim")))

    answer = upsert(asking, person("ann.lindqvist1@agency100.example"))

    assert set(answer.json()["data"][0]) == {"id", "email", "status"}
    assert len(orjson.dumps(answer.json()["data"][0])) in range(70, 90)


def test_a_body_that_is_no_json_counts_as_empty() -> None:
    """As in Laravel: the fields are missing, nothing crashes."""
    answer = client(open_stub()).post(UPSERT, content=b"{not json")

    assert answer.status_code == 422
    assert answer.json()["message"] == "The leads field is required."
