"""Whose the thing is that an address names, where no workspace stands in the address itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from maverick_core.access.rules import Caller
from maverick_core.kernel.errors import Missing
from maverick_core.kernel.ids import parse_batch_name, parse_operation_name
from maverick_core.operations.ports import Operations
from maverick_core.operations.rules import no_operation
from maverick_core.pipeline.views import BatchViews, no_batch


@dataclass(frozen=True, slots=True)
class Owners:
    """Knows the workspace of each batch and operation."""

    batches: BatchViews
    operations: Operations

    def owner(self, caller: Caller, fields: Mapping[str, str]) -> str | None:
        """Return the workspace of what the path names, None where it names nothing of one.

        What is out of the caller's reach is missing in the same words as what nobody has.

        Raises:
            Missing: ``batch_missing`` or ``operation_missing``.
            Rejected: it is no name of such a thing.

        """
        if batch := fields.get("batch"):
            return self._of_batch(caller, parse_batch_name(batch))
        if operation := fields.get("operation"):
            return self._of_operation(caller, parse_operation_name(operation))
        return fields.get("slug")

    def _of_batch(self, caller: Caller, batch_id: int) -> str:
        try:
            slug = self.batches.batch(batch_id).slug
        except Missing:
            raise no_batch(batch_id) from None
        if not caller.reaches(slug):
            raise no_batch(batch_id)
        return slug

    def _of_operation(self, caller: Caller, operation_id: int) -> str | None:
        try:
            slug = self.operations.operation(operation_id).slug
        except Missing:
            raise no_operation(operation_id) from None
        if caller.slug not in {None, slug}:
            raise no_operation(operation_id)
        return slug
