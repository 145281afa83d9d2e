"""What the conditions of a batch say, read from their texts.

Their language is imported only for batches that have some, so that every command starts fast.
"""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunesmith.constraint import Constraint
    from tunesmith.flags.conditions.where import Where


def constraints_of(subject_to: tuple[str, ...]) -> "tuple[Constraint, ...]":
    """Return the constraints of some texts; none for no text.

    Raises:
        SpecificationError: A text is no constraint.
    """
    if not subject_to:
        return ()
    from tunesmith.constraint import read_constraints

    return read_constraints(subject_to)


def where_of(where: tuple[str, ...], names: Collection[str]) -> "Where | None":
    """Return the conditions on flags of some texts; None for no text.

    Args:
        where: One condition each.
        names: The flags that may be named.

    Raises:
        SpecificationError: A text is no condition, or names something else.
    """
    if not where:
        return None
    from tunesmith.flags.conditions.where import Where

    return Where.of(where, names)


def conditions_text(texts: tuple[str, ...]) -> str:
    """Return conditions as one, for readers."""
    has_or = [re.search(r"\bor\b", text) is not None for text in texts]
    if len(texts) == 1:
        return texts[0]
    return " and ".join(
        f"({text})" if is_wrapped else text for text, is_wrapped in zip(texts, has_or, strict=True)
    )
