"""The shared server's secret: clients authenticate with it, and the server proves that it has it.

Each start makes a new one, so that a copy kept by a browser or a shell is worthless to whoever
listens on the same port later.
"""

import hmac
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

from tunesmith.loopback import open_url

N_BYTES = 32
PROOF_PATH = "/tunesmith/proof"
"""Path at which the server proves that it has the secret."""


def new_secret() -> str:
    """Return a secret that nobody can guess."""
    return secrets.token_urlsafe(N_BYTES)


def read_own(path: Path) -> str | None:
    """Return the text of a file that only its owner, this user, can write; None otherwise."""
    with suppress(OSError, UnicodeDecodeError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, encoding="utf-8") as file:
            found = os.fstat(descriptor)
            is_own = found.st_uid == os.geteuid() and not found.st_mode & (
                stat.S_IWGRP | stat.S_IWOTH
            )
            return file.read() if is_own else None
    return None


def prove(secret: str, challenge: str) -> str:
    """Return the proof of having a secret for a challenge; it does not reveal the secret."""
    return hmac.digest(secret.encode(), f"tunesmith:{challenge}".encode(), "sha256").hex()


def is_proven(url: str, secret: str, *, timeout_s: float = 2.0) -> bool:
    """Return whether the server at an address proves that it has the secret, without sending it.

    The port may belong to a stranger by now, who would learn whatever is sent.
    """
    challenge = secrets.token_urlsafe(N_BYTES)
    query = urlencode({"challenge": challenge})
    try:
        with open_url(f"{url}{PROOF_PATH}?{query}", timeout_s=timeout_s) as answer:
            return hmac.compare_digest(answer.read(200), prove(secret, challenge).encode())
    except (OSError, ValueError):
        return False
