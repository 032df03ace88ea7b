"""How numbers of the database are shown to people, and read back."""

from __future__ import annotations

import re

from maverick_core.kernel.errors import Rejected

_BATCH = re.compile(r"(?:b-?)?0*(\d{1,18})", re.ASCII | re.IGNORECASE)

_OPERATION = re.compile(r"(?:op_)?0*(\d{1,18})", re.ASCII | re.IGNORECASE)


def batch_name(batch_id: int) -> str:
    """Return the name people know a batch by, such as ``B-000042``."""
    return f"B-{batch_id:06d}"


def parse_batch_name(text: str) -> int:
    """Read ``B-000042``, ``b-42`` or ``42``.

    Raises:
        Rejected: the text does not name a batch.

    """
    match = _BATCH.fullmatch(text.strip())
    if not match:
        raise Rejected(
            f"{text!r} does not name a batch.",
            code="bad_batch_name",
            remedy='Copy it from "maverick batches list", for example B-000042.',
        )
    return int(match[1])


def operation_name(operation_id: int) -> str:
    """Return the name people know an operation by, such as ``op_000042``."""
    return f"op_{operation_id:06d}"


def parse_operation_name(text: str) -> int:
    """Read ``op_000042`` or ``42``.

    Raises:
        Rejected: the text does not name an operation.

    """
    match = _OPERATION.fullmatch(text.strip())
    if not match:
        raise Rejected(
            f"{text!r} does not name an operation.",
            code="bad_operation_name",
            remedy="Copy it from where it was given, for example op_000042.",
        )
    return int(match[1])
