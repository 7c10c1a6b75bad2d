"""Password rules and hashing (bcrypt)."""

from __future__ import annotations

import bcrypt

from backend.core.errors import InvalidInputError

MIN_LENGTH = 10
MAX_BYTES = 72
"""bcrypt looks at 72 bytes and no further: longer passwords are refused, never cut."""


def check_password_rules(password: str, *, username: str, field: str = "password") -> None:
    """Refuse passwords that are too short, too long for bcrypt or easy to guess.

    Raises:
        InvalidInputError: The message says which rule was broken.
    """
    if len(password) < MIN_LENGTH:
        raise InvalidInputError(f"A password needs at least {MIN_LENGTH} characters.", field=field)
    if len(password.encode()) > MAX_BYTES:
        raise InvalidInputError(
            f"A password may be at most {MAX_BYTES} bytes long in UTF-8.", field=field
        )
    if "\0" in password:
        raise InvalidInputError("A password cannot contain the NUL character.", field=field)
    if password.casefold() == username.casefold():
        raise InvalidInputError("The password must not be the user name.", field=field)
    if len(set(password)) < 4:
        raise InvalidInputError("A password needs at least four different characters.", field=field)


class PasswordHasher:
    """bcrypt with a fixed cost, and a decoy that makes unknown names cost the same.

    Args:
        rounds: log2 of the number of rounds; 12 takes about a quarter of a second.
    """

    def __init__(self, *, rounds: int = 12) -> None:
        self._rounds = rounds
        # A well-formed hash that no password has: checking against it costs the same.
        self._decoy = f"$2b${rounds:02d}${'.' * 53}".encode("ascii")

    def hash(self, password: str) -> str:
        """Return the salted hash of a password that passed `check_password_rules`."""
        return bcrypt.hashpw(password.encode(), bcrypt.gensalt(self._rounds)).decode("ascii")

    def verify(self, password: str, password_hash: str | None) -> bool:
        """Return whether the password fits; takes equally long when there is no hash.

        Args:
            password: As typed, of any length.
            password_hash: None for an unknown account: the decoy is checked in its place.
        """
        raw = password.encode()
        usable = len(raw) <= MAX_BYTES and b"\0" not in raw
        if password_hash is None or not usable:
            bcrypt.checkpw(raw if usable else b"decoy", self._decoy)
            return False
        return bcrypt.checkpw(raw, password_hash.encode("ascii"))
