"""The error hierarchy: one root, no HTTP (``api/problems.py`` alone maps it).

``CrowdSafeError``
├── ``InvalidInputError``        a value is wrong; names the field and the remedy
│   ├── ``TooLargeError``        more than is accepted
│   └── ``UnsupportedFormatError``  content of a kind that is not read here
├── ``NotFoundError``            no such object
├── ``ConflictError``            legal input, wrong moment (name taken, illegal command)
│   └── ``IllegalCommandError``  the camera's state does not allow this command
├── ``AuthenticationError``      who are you
├── ``PermissionDeniedError``    you may not
│   └── ``PasswordChangeRequiredError``  not before you have changed your password
├── ``UnavailableError``         cannot be done now; try later or after the remedy
├── ``SourceError``              a video source
│   ├── ``SourceRefusedError``   not allowed or not a usable video: retrying is pointless
│   ├── ``SourceLostError``      unreachable, timed out or broke off: retrying may help
│   └── ``SourceEnded``          a finite source delivered its last frame
└── ``ModelError``               a weight file is missing, corrupt or of the wrong kind
"""

from __future__ import annotations

from dataclasses import dataclass


class CrowdSafeError(Exception):
    """Root of every error raised on purpose; ``str(error)`` is fit for a person to read."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One wrong value among others.

    Attributes:
        pointer: JSON pointer to it.
        detail: What was expected, what came, and what to do.
    """

    pointer: str
    detail: str


class InvalidInputError(CrowdSafeError):
    """A value is wrong, or several.

    Args:
        message: What was expected, what came, and what to do.
        field: JSON pointer or field name the message is about.
        problems: Every wrong value, where more than one can be told at once.
    """

    def __init__(
        self, message: str, *, field: str = "", problems: tuple[FieldProblem, ...] = ()
    ) -> None:
        super().__init__(message)
        self.field = field
        self.problems = problems


class TooLargeError(InvalidInputError):
    """More was sent than is accepted."""


class UnsupportedFormatError(InvalidInputError):
    """What was sent is of a kind that is not read here, whatever its name says."""


class NotFoundError(CrowdSafeError):
    """The object does not exist or the caller may not know that it does."""


class ConflictError(CrowdSafeError):
    """The input is legal but clashes with what is there."""


class IllegalCommandError(ConflictError):
    """The state machine does not allow this command in this state."""


class AuthenticationError(CrowdSafeError):
    """The caller is not known: wrong name, password or token."""


class PermissionDeniedError(CrowdSafeError):
    """The caller is known and may not do this."""


class PasswordChangeRequiredError(PermissionDeniedError):
    """The account must change its password before it may do anything else."""


class UnavailableError(CrowdSafeError):
    """Cannot be done at the moment; the message says what is missing.

    Args:
        message: What is missing, and what to do.
        retry_after_s: Seconds after which asking again is worth it, None when nobody knows.
    """

    def __init__(self, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class InferenceFailedError(UnavailableError):
    """There will be no answer for this picture; asking again is pointless."""


class SourceError(CrowdSafeError):
    """Anything about a video source."""


class SourceRefusedError(SourceError):
    """Not allowed, or not a video that can be analysed. Retrying is pointless."""


class SourceLostError(SourceError):
    """Unreachable, timed out or broken off. Retrying may help."""


class SourceEnded(SourceError):  # noqa: N818 - an end is not an error, the name says so
    """A finite source has delivered its last frame."""


class ModelError(CrowdSafeError):
    """A weight file is missing, corrupt or of the wrong kind; the message names the file."""
