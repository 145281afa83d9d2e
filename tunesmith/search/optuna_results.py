"""The results of a study that Optuna keeps, for a search that learns from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunesmith.errors import NotFoundError, SpecificationError

MAX_NAMED = 5
"""Studies that are named where one is to be chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTrial:
    """One trial of a study that completed."""

    parameters: Mapping[str, Any]
    values: tuple[float, ...]
    """One for each objective."""
    attributes: Mapping[str, Any]
    """What the script kept with it (``set_user_attr``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResults:
    """The trials of a study that completed."""

    name: str
    is_maximized: tuple[bool, ...]
    """One for each objective."""
    trials: tuple[StudyTrial, ...]


def read_study(address: str) -> StudyResults:
    """Return the results of a study.

    Args:
        address: Where Optuna keeps it, as ``sqlite:///study.db``, with ``#NAME`` behind it where
            there are several.

    Raises:
        NotFoundError: There is no such study.
        SpecificationError: Optuna is not installed, or cannot read it.
    """
    url, _, name = address.partition("#")
    try:
        import optuna  # takes a second to import
    except ImportError as error:
        raise SpecificationError(
            "--learn-from optuna:… needs Optuna: pip install 'tunesmith[optuna]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        names = optuna.get_all_study_names(url)
        chosen = _chosen(names, name, url)
        study = optuna.load_study(study_name=chosen, storage=url)
        directions = study.directions
        trials = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    except (NotFoundError, SpecificationError):
        raise
    except Exception as error:  # of whichever database it is
        reason = " ".join(str(error).split())
        raise SpecificationError(f"Optuna cannot read a study from {url}: {reason}") from error
    return StudyResults(
        name=chosen,
        is_maximized=tuple(one == optuna.study.StudyDirection.MAXIMIZE for one in directions),
        trials=tuple(
            StudyTrial(
                parameters=one.params,
                values=tuple(map(float, one.values)),
                attributes=one.user_attrs,
            )
            for one in trials
            if one.values
        ),
    )


def _chosen(names: list[str], name: str, url: str) -> str:
    if name in names or (len(names) == 1 and not name):
        return name or names[0]
    if not names:
        raise NotFoundError(f"there is no study in {url}")
    shown = ", ".join(sorted(names)[:MAX_NAMED])
    if name:
        raise NotFoundError(f"there is no study {name!r} in {url}: it has {shown}")
    raise SpecificationError(
        f"{url} has {len(names)} studies, {shown}: name one, as in optuna:{url}#{sorted(names)[0]}"
    )
