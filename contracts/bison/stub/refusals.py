"""The error answers of the API, each with the body that was recorded for it."""

from typing import Any, Literal

Body = dict[str, Any]

WRONG_WORKSPACE = (
    "This action is unauthorized. The api key does not match the workspace the record is on."
)
NONE_ADDED = (
    "No leads were added because they are either in other sequences, have previously bounced, "
    "or unsubscribed"
)
MAX_LEADS = 500
"""Leads of one request (specification)."""


class Refusal(Exception):
    """Answer with this status and body instead of the route's own answer."""

    def __init__(self, status: int, body: Body) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def business(status: int, message: str) -> Refusal:
    """Wrap a refusal the way the application's own rules answer."""
    return Refusal(status, {"data": {"success": False, "message": message}})


def validation(errors: dict[str, list[str]], status: int = 422) -> Refusal:
    """Wrap field errors the way the framework's validation answers: the first one leads."""
    first = next(iter(errors.values()))[0]
    return Refusal(status, {"message": first, "errors": errors})


def unauthenticated(kind: Literal["message", "wrapped"]) -> Refusal:
    """Refuse a token that is missing, unknown or expired."""
    if kind == "message":
        return Refusal(401, {"message": "Unauthenticated."})
    return business(401, "Unauthenticated.")


def wrong_workspace() -> Refusal:
    """Refuse a record that belongs to another workspace than the token."""
    return business(403, WRONG_WORKSPACE)


def not_found(model: str, key: str) -> Refusal:
    """Say that no such record exists anywhere."""
    return Refusal(
        404,
        {
            "data": {
                "success": False,
                "message": "Record not found.",
                "record_not_found": {model: key},
            },
        },
    )


def no_route(path: str) -> Refusal:
    """Say that no such route exists."""
    return Refusal(
        404,
        {
            "data": {
                "success": False,
                "message": f"The route {path.lstrip('/')} could not be found.",
                "record_not_found": None,
            },
        },
    )


def no_method(method: str, path: str, supported: str) -> Refusal:
    """Say which methods the route has."""
    route = path.lstrip("/")
    message = f"The {method} method is not supported for route {route}."
    return Refusal(405, {"message": f"{message} Supported methods: {supported}."})


def taken(field: str, kind: Literal["validation", "business"]) -> Refusal:
    """Refuse a value that must be unique."""
    message = f"The {field} has already been taken."
    if kind == "validation":
        return validation({field: [message]})
    return business(422, message)


def missing_variable(name: str, status: int) -> Refusal:
    """Refuse a whole request because of one custom variable the workspace does not have."""
    return business(
        status,
        f"You do not have a custom variable named {name}. Please create one and try again",
    )


def too_many(kind: Literal["refuse", "truncate", "fail"]) -> Refusal:
    """Refuse a request of more than ``MAX_LEADS`` leads."""
    if kind == "fail":
        return Refusal(500, {"message": "Server Error"})
    return validation({"leads": [f"The leads field must not have more than {MAX_LEADS} items."]})
