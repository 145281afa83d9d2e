"""Made-up training runs: flags that matter by turns, that are steps, that are choices."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from problem import Group, Problem


def _switch_value(flags: Mapping[str, Any]) -> float:
    """Return the value of a choice of model: each model reads its own two flags."""
    if flags["model"] == "linear":
        return 0.3 + 0.02 * _decades(flags["penalty"] / 0.1) ** 2
    if flags["model"] == "tree":
        depth, leaves = int(flags["depth"]), int(flags["leaves"])
        return 0.12 + 0.015 * (depth - 7) ** 2 + 0.0002 * (leaves - 24) ** 2
    rate, width = _decades(flags["rate"] / 0.003), math.log2(flags["width"] / 96)
    # the narrow valley of a net: better than a tree where both flags are right
    return 0.5 - 0.45 * math.exp(-(rate**2) / 0.18 - width**2 / 2)


def _ordinal_value(flags: Mapping[str, Any]) -> float:
    """Return a value whose flags are steps of 2, with a rate that suits the batch size."""
    width, batch = math.log2(flags["width"]), math.log2(flags["batch"])
    rate = _decades(flags["rate"]) + 3.0 - 0.3 * (batch - 5)
    capacity = width + 0.7 * int(flags["layers"]) - 8.1
    return 0.1 + 0.05 * capacity**2 + 0.2 * rate**2 + 0.01 * (batch - 5) ** 2


_CHOICES = tuple(f"c{k:02}" for k in range(20))
_WORDS = ("a", "b", "c", "d")
_GAINS = np.random.default_rng(1).random((len(_CHOICES), len(_WORDS), len(_WORDS)))
"""What each choice gives beside the next flag's choice."""


def _choices_value(flags: Mapping[str, Any]) -> float:
    """Return a value to which each of a ring of choices adds, beside its neighbour's choice."""
    places = [_WORDS.index(flags[name]) for name in _CHOICES]
    pairs = zip(places, [*places[1:], places[0]], strict=True)
    return float(sum(_GAINS[k, a, b] for k, (a, b) in enumerate(pairs)))


def _least_of_choices() -> float:
    """Return the least value: the lightest way around the ring, by its first choice."""
    ways = []
    for first in range(len(_WORDS)):
        best = np.where(np.arange(len(_WORDS)) == first, 0.0, np.inf)
        for gains in _GAINS:
            best = (best[:, None] + gains).min(0)
        ways.append(best[first])
    return float(min(ways))


def _decades(number: float) -> float:
    return math.log10(number)


SWITCH = Problem(
    name="switch",
    settings={
        "model": "[linear, tree, net]",
        "penalty": "loguniform[0.0001:100.0]",
        "depth": "[1:16]",
        "leaves": "[2:64]",
        "rate": "loguniform[1e-5:1.0]",
        "width": "loguniform[8:1024]",
    },
    value=_switch_value,
    minimum=0.05,
    integers=frozenset({"width"}),
    group=Group.EXTRA,
)

ORDINAL = Problem(
    name="ordinal",
    settings={
        "width": "[8, 16, 32, 64, 128, 256]",
        "batch": "[8, 16, 32, 64, 128]",
        "layers": "[1, 2, 3, 4]",
        "rate": "loguniform[1e-5:1e-1]",
    },
    value=_ordinal_value,
    minimum=0.1,
    group=Group.EXTRA,
)

CHOICES = Problem(
    name="choices20",
    settings={name: f"[{', '.join(_WORDS)}]" for name in _CHOICES},
    value=_choices_value,
    minimum=_least_of_choices,
    group=Group.WIDE,
)
