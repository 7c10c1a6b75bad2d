"""Encryption of secrets at rest with a key that is kept outside the database."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

from backend.core.errors import UnavailableError


class SecretBox:
    """Authenticated encryption (Fernet: AES-128-CBC and HMAC-SHA256) of short texts.

    Args:
        key: 32 url-safe base64 bytes, as made by ``Fernet.generate_key()``.

    Raises:
        ValueError: The key has the wrong form.
    """

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(key.encode())

    def encrypt(self, text: str) -> str:
        """Return ``text`` as a token fit for a text column."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def decrypt(self, token: str) -> str:
        """Return the text behind ``token``.

        Raises:
            UnavailableError: The token was made with another key or has been altered.
        """
        try:
            return self._fernet.decrypt(token.encode("ascii")).decode()
        except (InvalidToken, UnicodeEncodeError) as error:
            raise UnavailableError(
                "A stored secret cannot be read: it was encrypted with another key. "
                "Put the old key back (CROWDSAFE_ENCRYPTION_KEY or instance/encryption_key), "
                "or type the secret in again."
            ) from error
