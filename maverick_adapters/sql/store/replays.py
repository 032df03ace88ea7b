"""Requests that may come twice, and what they were answered with."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select

from maverick_adapters.sql.store.part import AnyRow, Part
from maverick_adapters.sql.tables import idempotency_keys
from maverick_core.access.ports import Answer
from maverick_core.access.replays import ANSWERS_KEPT, RUNS_AT_MOST, check_repeated

_request = idempotency_keys.c


class ReplaysPart(Part):
    """Satisfies ``Replays``."""

    def begin_request(
        self, key_id: int, idempotency_key: str, fingerprint: bytes, *, at: datetime
    ) -> Answer | None:
        """Begin, or return the earlier answer; see ``Replays.begin_request``.

        One statement decides who runs: of two at once the second finds the row of the first.
        """
        begun = {"fingerprint": fingerprint, "began_at": at}
        row = self._dialect.insert(idempotency_keys).values(
            key_id=key_id, idempotency_key=idempotency_key, **begun
        )
        dead = and_(_request.status.is_(None), _request.began_at <= at - RUNS_AT_MOST)
        statement = row.on_conflict_do_update(
            index_elements=["key_id", "idempotency_key"],
            set_={**begun, "status": None, "headers": None, "body": None},
            where=or_(dead, _request.began_at <= at - ANSWERS_KEPT),
        ).returning(_request.key_id)
        with self._database.write() as connection:
            if connection.execute(statement).one_or_none():
                return None
            earlier = connection.execute(
                select(idempotency_keys).where(*_named(key_id, idempotency_key))
            ).one_or_none()
        if earlier is None:  # forgotten this instant, and "send it again" is right then too
            check_repeated(same=True, answered=False)
            return None
        check_repeated(
            same=bytes(earlier.fingerprint) == fingerprint, answered=earlier.status is not None
        )
        return _answer(earlier)

    def end_request(
        self,
        key_id: int,
        idempotency_key: str,
        fingerprint: bytes,
        answer: Answer | None,
        *,
        began_at: datetime,
    ) -> Answer | None:
        """Keep the answer or forget the request; see ``Replays.end_request``."""
        named = _named(key_id, idempotency_key)
        unanswered = _request.status.is_(None)
        with self._database.write() as connection:
            if answer is None:
                own = _request.began_at == began_at
                connection.execute(delete(idempotency_keys).where(*named, unanswered, own))
            else:
                given = {
                    "status": answer.status,
                    "headers": json.dumps(dict(answer.headers)),
                    "body": answer.body,
                }
                row = self._dialect.insert(idempotency_keys).values(
                    key_id=key_id,
                    idempotency_key=idempotency_key,
                    fingerprint=fingerprint,
                    began_at=began_at,
                    **given,
                )
                connection.execute(
                    row.on_conflict_do_update(
                        index_elements=["key_id", "idempotency_key"],
                        set_=given,
                        where=and_(unanswered, _request.fingerprint == fingerprint),
                    )
                )
            kept = connection.execute(
                select(idempotency_keys).where(
                    *named, ~unanswered, _request.fingerprint == fingerprint
                )
            ).one_or_none()
        return answer if kept is None else _answer(kept)

    def forget_requests(self, *, before: datetime) -> int:
        """Delete what was begun before; see ``Replays.forget_requests``."""
        with self._database.write() as connection:
            return connection.execute(
                delete(idempotency_keys).where(_request.began_at < before)
            ).rowcount


def _answer(row: AnyRow) -> Answer:
    return Answer(row.status, json.loads(row.headers), bytes(row.body))


def _named(key_id: int, idempotency_key: str) -> tuple[ColumnElement[bool], ...]:
    return _request.key_id == key_id, _request.idempotency_key == idempotency_key
