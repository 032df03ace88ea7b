"""The law of raw contacts: it holds for a sound record, and each fault breaks it."""

from dataclasses import replace

import pytest

from maverick_core.pipeline.invariants import (
    RAW,
    CandidateRow,
    RawRow,
    RawSnapshot,
    VerdictRow,
    VerifiedRow,
    raw_buckets,
    raw_buckets_add_up,
)

SOUND = RawSnapshot(
    raw=[RawRow(1, 7), RawRow(2, 7), RawRow(3, 8), RawRow(4, 7), RawRow(5, 8)],
    verdicts=[VerdictRow(1, "kept"), VerdictRow(2, "role_account"), VerdictRow(3, "kept")],
    candidates=[CandidateRow(1, 7, "a@x.example", 1), CandidateRow(2, 8, "a@x.example", 3)],
    marks={7: 2, 8: 3},
)


def test_a_sound_record_breaks_no_law() -> None:
    """The same mailbox in two workspaces is none."""
    assert raw_buckets_add_up(SOUND) == []


def test_buckets_are_counted_by_workspace() -> None:
    """Raw, kept, and each code."""
    assert raw_buckets(SOUND) == {
        7: {"kept": 1, "role_account": 1, RAW: 1},
        8: {"kept": 1, RAW: 1},
    }


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (replace(SOUND, verdicts=[*SOUND.verdicts, VerdictRow(1, "kept")]), "2 verdicts"),
        (replace(SOUND, raw=SOUND.raw[1:]), "which is gone"),
        (replace(SOUND, marks={7: 4, 8: 3}), "raw contact 4 is raw and the mark"),
        (replace(SOUND, marks={7: 1, 8: 3}), "raw contact 2 is judged and the mark"),
        (replace(SOUND, marks={8: 3}), "raw contact 1 is judged and the mark"),
        (replace(SOUND, candidates=SOUND.candidates[1:]), "kept and has 0 candidates"),
        (
            replace(SOUND, candidates=[*SOUND.candidates, CandidateRow(3, 7, "b@x.example", 1)]),
            "kept and has 2 candidates",
        ),
        (
            replace(SOUND, candidates=[*SOUND.candidates, CandidateRow(3, 7, "b@x.example", 2)]),
            "candidate 3 stands for raw contact 2",
        ),
        (
            replace(SOUND, candidates=[SOUND.candidates[0], CandidateRow(2, 7, "b@x.example", 3)]),
            "candidate 2 stands for raw contact 3",
        ),
        (
            replace(SOUND, candidates=[*SOUND.candidates, CandidateRow(3, 7, "a@x.example", 4)]),
            "1 e-mails are candidates twice",
        ),
    ],
)
def test_each_fault_is_named(fault: RawSnapshot, words: str) -> None:
    """By ids and without a contact's data."""
    found = "\n".join(raw_buckets_add_up(fault))

    assert words in found
    assert "@" not in found


VERIFIED = replace(
    SOUND,
    candidates=[*SOUND.candidates, CandidateRow(3, 7, "b@x.example", 4)],
    raw=SOUND.raw,
    verdicts=[*SOUND.verdicts, VerdictRow(4, "kept")],
    marks={7: 4, 8: 3},
    verified=[VerifiedRow(1, "valid", mailable=True), VerifiedRow(2, "unknown", mailable=False)],
    verified_marks={7: 1, 8: 2},
    mailboxes={(7, "a@x.example")},
)


def test_a_candidate_may_wait_or_be_verified() -> None:
    """Either is sound."""
    assert raw_buckets_add_up(VERIFIED) == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            replace(VERIFIED, verified=[*VERIFIED.verified, VERIFIED.verified[1]]),
            "candidate 2 has 2 verdicts",
        ),
        (
            replace(
                VERIFIED, verified=[VerifiedRow(9, "risky", mailable=False)], verified_marks={}
            ),
            "candidate 9, which is gone",
        ),
        (replace(VERIFIED, verified_marks={7: 3}), "candidate 3 waits, and the mark"),
        (replace(VERIFIED, mailboxes={(8, "a@x.example")}), "candidate 1 is mailable and no"),
        *(
            (
                replace(
                    VERIFIED,
                    verified=[VerifiedRow(1, verdict, mailable=True), VERIFIED.verified[1]],
                ),
                f"candidate 1 is {verdict} and mailable",
            )
            for verdict in ("invalid", "unknown")
        ),
    ],
)
def test_each_fault_of_verification_breaks_the_law(fault: RawSnapshot, words: str) -> None:
    """And is named."""
    [found] = raw_buckets_add_up(fault)

    assert words in found
