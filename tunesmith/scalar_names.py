"""When two names of scalars mean the same, and which reported tag a name means."""

import re
from collections.abc import Collection
from functools import lru_cache

HELD_OUT = ("val", "valid", "validation", "dev", "eval", "evaluation", "test", "testing")
"""Words for data that a program does not learn from."""
_WHOLE = ("average", "avg", "mean", "total", "final", "best", "overall")
TRAIN = ("train", "training")
_JOINTS = "_/#.:"
_AFTER = ("on", "of", "for", "in", "at", "after", "over", "with", "score", "is", "was")
"""Words after which the rest of a name only says more of it: ``accuracy on the test set``."""
_SHORT = {
    "valid": "val",
    "validation": "val",
    "training": "train",
    "testing": "test",
    "evaluation": "eval",
    "accuracy": "acc",
    "perplexity": "ppl",
    "average": "avg",
    "mean": "avg",
}
"""Words that are written in several ways."""
_UNIT = re.compile(r"[(\[]\s*%\s*[)\]]")
_BETWEEN = re.compile(r"[\s_.-]*[\s_-][\s_.-]*")


@lru_cache(maxsize=8192)
def folded(name: str) -> str:
    """Return what names that mean the same have in common.

    Spaces, ``_`` and ``-`` are the same, as are upper and lower case.
    """
    return _BETWEEN.sub("_", _UNIT.sub(" ", name).casefold()).strip("_")


def resolve_tag(name: str, known: Collection[str]) -> str | None:
    """Return the reported tag that a name means; None if no tag fits, or several do.

    See ``candidates`` for what fits. Of several tags that end in ``loss``, that name means the one
    of held-out data, else that of all data; as does any name of which the program says so beside
    it, as in ``train: acc=1``, ``val: acc=2``.
    """
    if name in known:  # first, since it is almost always the case
        return name
    return _resolved(name, tuple(known))


def meant_tag(name: str, known: Collection[str]) -> str | None:
    """Return the reported tag that a name means which a person has typed.

    That is the only one that has the short or the long form of its words, as ``Validation_Loss``
    for ``val loss``, else that of ``resolve_tag``.
    """
    return name if name in known else _meant(name, tuple(known))


@lru_cache(maxsize=4096)
def _meant(name: str, known: tuple[str, ...]) -> str | None:
    tag, wanted = resolve_tag(name, known), _shortened(folded(name))
    found = [one for one in known if _shortened(folded(one)) == wanted]
    return found[0] if len(found) == 1 and tag not in found else tag


@lru_cache(maxsize=4096)
def _resolved(name: str, known: tuple[str, ...]) -> str | None:
    """Resolve a name; most runs of a table have the same tags."""
    found = candidates(name, known)
    if len(found) > 1 and (folded(name) == "loss" or _is_placed(name, found)):
        found = _preferred(found)
    return found[0] if len(found) == 1 else None


def is_held_out(tag: str, *, of: str) -> bool:
    """Return whether a tag is a name of held-out data, as ``val_loss`` is for ``loss``."""
    text, wanted = folded(tag), folded(of)
    return text.endswith(wanted) and any(_names(text, word) for word in HELD_OUT)


def _is_placed(name: str, tags: Collection[str]) -> bool:
    """Return whether a name was printed with the word for its data beside it each time.

    It is ``acc`` in ``train/acc`` and ``val/acc``, which are written ``train: acc=1``.
    """
    ends = [folded(tag).rpartition("/") for tag in tags]
    return all(end == folded(name) and start in (*HELD_OUT, *TRAIN) for start, _, end in ends)


def candidates(name: str, known: Collection[str]) -> list[str]:
    """Return the tags that a name may mean, all of which fit equally well.

    The first of these rules that any tag fits decides: the tag is the name itself; ``val#acc`` is
    written ``val/acc``, as event files do; it differs in case, spaces, ``_`` and ``-``, or in a
    ``/`` for one of these; it ends in the name after ``#`` or ``/``; it ends in the name as a
    word, as ``valid_0's_auc`` does in ``auc``, but for ``val_loss`` and the like; it begins with
    the name, and the rest says where it was measured.
    """
    if name in known:
        return [name]
    if (written := name.replace("#", "/")) in known:
        return [written]
    wanted = folded(name).replace("#", "/")
    plain = {tag: folded(tag).replace("#", "/") for tag in known}
    return (
        [tag for tag, text in plain.items() if text == wanted]
        or [tag for tag, text in plain.items() if _joined(text) == _joined(wanted)]
        or [tag for tag, text in plain.items() if text.endswith(f"/{wanted}")]
        or [tag for tag, text in plain.items() if _ends_in(text, wanted)]
        or [tag for tag, text in plain.items() if _is_more_of(text, wanted)]
    )


def _joined(text: str) -> str:
    """Return a folded name as one: ``val/acc`` is what others write ``val_acc``."""
    return text.replace("/", "_")


def _shortened(text: str) -> str:
    """Return a folded name with the short form of each word that has one."""
    words = _joined(text).replace("#", "_").split("_")
    return "_".join(_SHORT.get(word, word) for word in words)


def _ends_in(text: str, wanted: str) -> bool:
    """Return whether a tag ends in a name, and is not that of one part of the data.

    ``val_loss`` is another scalar than ``loss``: whoever asks for that is told of it instead.
    """
    before = text[: -len(wanted)]
    is_part = before[:-1] in (*HELD_OUT, *TRAIN)
    return text.endswith(wanted) and before.endswith(tuple(_JOINTS)) and not is_part


def _is_more_of(text: str, wanted: str) -> bool:
    rest = text[len(wanted) + 1 :]
    return text.startswith(f"{wanted}_") and (rest.split("_")[0] in _AFTER or rest[0] == "(")


def _preferred(tags: list[str]) -> list[str]:
    """Return the tags of the first kind of data that any of them names."""
    for kind in (HELD_OUT, _WHOLE, TRAIN):
        for word in kind:
            found = [tag for tag in tags if _names(tag, word)]
            if found:
                return found
    return tags


def _names(tag: str, word: str) -> bool:
    return word in re.split(r"[^a-z0-9]+", folded(tag))
