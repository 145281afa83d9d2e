"""Recognizes the names of secrets by whole words.

``api_key``, ``hf_token``, ``dbPassword`` and ``AWS_SECRET_ACCESS_KEY`` are; ``max_tokens``,
``tokenizer``, ``pad_token``, ``n_keys`` and ``key_size`` are not.
"""

import re
from collections.abc import Sequence

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_NOUNS = re.compile(
    r"password|passwords|passwd|passphrase|passcode|pwd|secret|secrets|credential|"
    r"credentials|token|apikey|apikeys|apitoken|accesskey|accesstoken|authtoken|"
    r"secretkey|privatekey"
)
_KEYS = frozenset({"key", "keys"})
_OF_KEYS = re.compile(
    r"access|account|admin|anthropic|api|app|application|auth|aws|azure|client|"
    r"cohere|comet|consumer|deploy|encryption|gcp|github|google|groq|hf|huggingface|"
    r"kaggle|license|master|mistral|neptune|openai|private|secret|service|signing|"
    r"ssh|subscription|wandb|write"
)
"""Words right before ``key`` that make it a secret."""
_OF_TEXT = re.compile(
    r"added|assistant|audio|blank|bos|boundary|char|class|cls|decoder|delimiter|"
    r"empty|encoder|end|eos|eot|extra|filler|first|forced|image|initializer|input|"
    r"instance|last|mask|modifier|new|newline|next|null|output|pad|padding|"
    r"placeholder|prompt|query|register|sentinel|sep|separator|source|special|start|"
    r"stop|system|target|text|think|trigger|unk|unknown|user|video|word"
)
"""Words right before ``token`` that make it a piece of text."""
_COUNTED = re.compile(r"by|count|each|has|is|max|min|n|no|num|per|total")
"""Words at the beginning or right before the noun that make it a number or a boolean."""
_SAME = re.compile(r"b64|base64|dev|new|old|prod|production|str|string|test|text|value")
"""Words that may follow the noun without changing its meaning."""


def is_secret_name(name: str) -> bool:
    """Return whether a flag of that name holds a secret."""
    return is_secret(words_of(name))


def is_secret(words: Sequence[str]) -> bool:
    """Return whether the words of a name mean that it holds a secret.

    Args:
        words: The words, in lower case.
    """
    rest = list(words)
    while rest and (_SAME.fullmatch(rest[-1]) or rest[-1].isdecimal()):
        rest.pop()
    if rest[-2:] == ["key", "id"]:
        rest.pop()
    if not rest:
        return False
    noun, before = rest[-1], rest[-2] if len(rest) > 1 else ""
    if _COUNTED.fullmatch(rest[0]) or _COUNTED.fullmatch(before):
        return False
    if noun in _KEYS:
        return _OF_KEYS.fullmatch(before) is not None
    is_of_text = noun == "token" and _OF_TEXT.fullmatch(before)
    return _NOUNS.fullmatch(noun) is not None and not is_of_text


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case, split at changes of case, digits and signs."""
    return [word.lower() for word in _WORDS.findall(name)]
