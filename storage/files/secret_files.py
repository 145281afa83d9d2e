"""Which files look like secrets: they are left out of every copy of a project."""

import fnmatch
import re
from itertools import pairwise

from tunesmith.flags.secret_names import is_secret, words_of

_NAMES = (
    ".env",
    ".env[._-]*",
    ".envrc",
    "*.env",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.ppk",
    "*.jks",
    "*.kdbx",
    "*.keystore",
    "*.ovpn",
    "*.tfvars",
    "*.tfvars.json",
    "*.tfstate",
    "*.tfstate.*",
    "*.kubeconfig",
    "kubeconfig",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "[._]netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".htpasswd",
    ".s3cfg",
    ".boto",
    ".dockercfg",
    ".databrickscfg",
    ".git-credentials",
    "kaggle.json",
    "*firebase-adminsdk*.json",
)
_NAMED = re.compile("|".join(map(fnmatch.translate, _NAMES)))
_COPY = re.compile(r"(?:~|\.(?:backup|bak|copy|old|orig|save))+$", re.IGNORECASE)
"""What editors and people append to the name of a copy, which is as secret as the file."""
_FOLDERS = frozenset({".ssh", ".aws", ".azure", ".gnupg", ".kube", ".docker"})
_KINDS = re.compile(
    r"bin|cfg|cnf|conf|dat|enc|env|ini|json|json5|jsonc|jwt|key|pickle|pkl|"
    r"plist|properties|toml|txt|xml|yaml|yml"
)
"""The extensions of files with values; code and prose have none."""
_SECRET_KINDS = re.compile(r"credentials|jwt|password|passwd|secret|secrets|token")
_BEGINS = (["secret"], ["secrets"], ["credentials"])


def is_secret_file(name: str) -> bool:
    """Return whether a file looks like a secret, by its name within the project, with slashes."""
    *folders, last = _COPY.sub("", name).split("/")
    if _NAMED.match(last.lower()) or any(folder.lower() in _FOLDERS for folder in folders):
        return True
    stem, dot, kind = last.lstrip(".").rpartition(".")
    if not dot:
        stem, kind = kind, ""
    if _SECRET_KINDS.fullmatch(kind.lower()):
        return True
    if kind and not _KINDS.fullmatch(kind.lower()):
        return False
    return _says_secret(words_of(stem))


def _says_secret(words: list[str]) -> bool:
    if words[:1] in _BEGINS or words[:2] == ["client", "secret"] or is_secret(words):
        return True
    return any(pair == ("service", "account") for pair in pairwise(words))
