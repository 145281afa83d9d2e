"""Which flags of a trial are active: those whose condition holds, and those that have none.

A flag that is not active is none of the trial's: it is not passed, recorded or searched.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from tunesmith.errors import FlagError
from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.definition import ScriptFlags
from tunesmith.flags.settings import Choices, Distribution, Setting, condition_of
from tunesmith.flags.values import Flags, FlagValue


def conditions_of(settings: Mapping[str, Setting]) -> dict[str, Condition]:
    """Return the conditions by flag, in an order in which each follows those it depends on.

    Raises:
        FlagError: Some depend on each other.
    """
    found = {
        name: condition
        for name, setting in settings.items()
        if (condition := condition_of(setting)) is not None
    }
    ordered: dict[str, Condition] = {}
    for name in sorted(found):
        for one in _from_the_ground(name, found, ()):
            ordered.setdefault(one, found[one])
    return ordered


def active_flags(flags: Flags, conditions: Mapping[str, Condition]) -> dict[str, FlagValue]:
    """Return the flags of a trial that are active.

    Args:
        flags: A value for each flag, those that are not active too.
        conditions: As ``conditions_of`` returns them.
    """
    active = dict(flags)
    for name, condition in conditions.items():
        if name in active and not condition.holds(active):
            del active[name]
    return active


def with_conditions(
    settings: Mapping[str, Setting], script_flags: ScriptFlags, others: Collection[str] = ()
) -> dict[str, Setting]:
    """Return settings whose conditions know the flags that they name.

    Args:
        settings: What each flag is set to.
        script_flags: The script's flags, which may have other names, too.
        others: Names of flags that rows of batch files set, by default none.

    Raises:
        FlagError: A condition cannot be read, names no flag, or depends on itself.
    """
    if all(condition_of(setting) is None for setting in settings.values()):
        return dict(settings)
    for name, setting in settings.items():
        flag = script_flags.get(name)
        if condition_of(setting) is not None and flag is not None and flag.position:
            raise FlagError(
                f"{name} stands at a place of its own on the command line and cannot be left out: "
                "leave out its condition"
            )
    names = _known(settings, script_flags, others)
    bound = {name: _bound(name, setting, names) for name, setting in settings.items()}
    conditions_of(bound)
    return bound


def _known(
    settings: Mapping[str, Setting], script_flags: ScriptFlags, others: Collection[str]
) -> dict[str, str]:
    """Return the words by which flags are known, ``learning-rate`` and ``learning_rate`` too."""
    words: dict[str, str] = {}
    own = {*settings, *others}
    for name in sorted(own):
        flag = script_flags.get(name)
        for word in (name, *(flag.aliases if flag else ())):
            for spelled in (word, word.replace("-", "_"), word.replace("_", "-")):
                words.setdefault(spelled, name)
    return words | {name: name for name in own}


def _bound(name: str, setting: Setting, names: Mapping[str, str]) -> Setting:
    if not isinstance(setting, Choices | Distribution) or setting.condition is None:
        return setting
    try:
        return replace(setting, condition=setting.condition.bound(names))
    except FlagError as error:
        raise FlagError(f"{name} if {setting.condition.text}: {error}") from error


def _from_the_ground(
    name: str, conditions: Mapping[str, Condition], above: tuple[str, ...]
) -> Iterator[str]:
    """Yield the conditional flags that a flag depends on, then itself."""
    if name in above:
        circle = (*above[above.index(name) :], name)
        raise FlagError(
            f"{' depends on '.join(circle)}: a flag cannot be active only if it is active itself; "
            "take one of these conditions away"
        )
    for other in sorted(conditions[name].names & conditions.keys()):
        yield from _from_the_ground(other, conditions, (*above, name))
    yield name
