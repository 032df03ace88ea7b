"""The error tree, split by what the person who meets the error has to do.

Every error carries a stable ``code`` (listed in the reference), a sentence that says what happened
and, where there is one, a ``remedy``: the next thing to do. None of the three ever holds a secret
or a contact's data; e-mails are named by row or contact id only.
"""


class MaverickError(Exception):
    """The root: anything the product itself has to say no about."""

    def __init__(self, message: str, *, code: str, remedy: str = "") -> None:
        """Say what happened in ``message``; ``code`` is stable, ``remedy`` names the next step."""
        super().__init__(message)
        self.code = code
        self.remedy = remedy


class Rejected(MaverickError):
    """The request itself is wrong: correct it and send it again."""


class Missing(MaverickError):
    """What the request names does not exist: check the name, or create it first."""


class Conflict(MaverickError):
    """The request is right but the state does not allow it now: look at the state, then decide."""


class Unavailable(MaverickError):
    """Something we depend on does not answer: wait, or repair it; nothing was lost."""


class Unauthorised(MaverickError):
    """A credential is missing or refused: replace it."""


def changed_meanwhile() -> Conflict:
    """Return what is said to who would change what is not as they saw it any more."""
    return Conflict(
        "It was changed meanwhile.",
        code="changed_meanwhile",
        remedy="Read it again, and decide again.",
    )
