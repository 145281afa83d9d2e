"""Problems of the kinds on which a search by Gaussian processes has been weak."""

import math

import numpy as np
from problem import Group, Problem, number_of

from tunesmith.flags.values import Flags


def _decades(flags: Flags) -> float:
    """Return a bowl over the logarithms of two rates that are searched on a linear scale."""
    rate, decay = number_of(flags, "rate"), number_of(flags, "decay")
    momentum = number_of(flags, "momentum")
    return (
        (math.log10(rate) + 3.3) ** 2
        + 0.5 * (math.log10(decay) + 4.2) ** 2
        + 2.0 * (momentum - 0.7) ** 2
    )


_WIDTHS = [round(16 * 2 ** (k / 2)) for k in range(20)]
_DROPOUTS = [round(0.05 * k, 2) for k in range(20)]


def _steps(flags: Flags) -> float:
    """Return a bowl over the places of numbers in two lists, with a valley along a diagonal."""
    width = math.log2(number_of(flags, "width") / 16) * 2 / 19
    dropout = number_of(flags, "dropout") / 0.95
    return (width - 0.62) ** 2 + 2.0 * (dropout - 0.9 * width) ** 2


def _outlier(flags: Flags) -> float:
    """Return a bowl in four dimensions, but in one corner a million."""
    x = [number_of(flags, f"x{i}") for i in range(1, 5)]
    if x[0] < 0.25 and x[1] < 0.5:
        return 1e6 * (1.0 + x[2])
    return sum((one - 0.3 - 0.1 * i) ** 2 for i, one in enumerate(x))


_WEIGHTS = [1.0, -0.8, 0.6, -0.5, 0.4, 0.3, -0.3, 0.2, 0.2, -0.1, 0.1, 0.05, -0.05]


def _switches(flags: Flags) -> float:
    """Return a sum over thirteen switches, of which two pairs act together."""
    on = [1.0 if flags[f"use_{i:02}"] else 0.0 for i in range(13)]
    total = sum(weight * one for weight, one in zip(_WEIGHTS, on, strict=True))
    return total + 0.7 * on[0] * on[1] - 0.6 * on[3] * on[6] + 2.5


def _models(flags: Flags) -> float:
    """Return the error of one of three models, each with two flags that the others ignore."""
    model = str(flags["model"])
    if model == "forest":
        depth, share = number_of(flags, "depth"), number_of(flags, "share")
        return 0.20 + 0.002 * (depth - 14) ** 2 + 0.3 * (share - 0.4) ** 2
    if model == "svm":
        c, gamma = math.log10(number_of(flags, "c")), math.log10(number_of(flags, "gamma"))
        return 0.05 + 0.04 * (c - 1.2) ** 2 + 0.06 * (gamma + 2.1) ** 2
    neighbours, power = number_of(flags, "neighbours"), number_of(flags, "power")
    return 0.25 + 0.0005 * (neighbours - 9) ** 2 + 0.02 * (power - 1.5) ** 2


def _noisy(flags: Flags) -> float:
    x, y, z = (number_of(flags, name) for name in ("x", "y", "z"))
    return (x - 0.4) ** 2 + (y + 0.3) ** 2 + 0.5 * (z - x) ** 2


def _cells(flags: Flags) -> float:
    """Return a small finite space, whose best two cells differ by less than the noise."""
    depth, kind = number_of(flags, "depth"), str(flags["kind"])
    return 0.1 * abs(depth - 4) + {"a": 0.0, "b": 0.05, "c": 0.3}[kind]


_SCHEDULES = ("constant", "linear", "cosine", "steps")
_OPTIMIZERS = ("sgd", "adam", "lion")
_BEST_RATES = {"sgd": -1.0, "adam": -3.0, "lion": -4.0}


def _mixed(flags: Flags) -> float:
    """Return the error of a training run, whose best rate depends on the optimizer."""
    rate = math.log10(number_of(flags, "rate")) - _BEST_RATES[str(flags["optimizer"])]
    width, layers = math.log2(number_of(flags, "width")), number_of(flags, "layers")
    schedule = (0.06, 0.03, 0.0, 0.02)[_SCHEDULES.index(str(flags["schedule"]))]
    choice = schedule + 0.04 * _OPTIMIZERS.index(str(flags["optimizer"])) ** 2
    shape = 0.02 * (width + 0.5 * layers - 9.0) ** 2 + 0.3 * (number_of(flags, "drop") - 0.2) ** 2
    return choice + shape + 0.05 * rate**2


def _line(flags: Flags) -> float:
    """Return a smooth valley over one number, in whose gaps there is nothing to find."""
    return (number_of(flags, "x") - 0.37) ** 2 * (2.0 + math.cos(3.0 * number_of(flags, "x")))


def _bowl(flags: Flags) -> float:
    return sum((number_of(flags, f"x{i}") - 0.2 - 0.15 * i) ** 2 for i in range(1, 5))


class Diverging(Problem):
    """A problem of which one trial in sixteen reports a million, whatever its flags."""

    __slots__ = ()

    def cost(self, flags: Flags, rng: np.random.Generator) -> float | None:
        """Return what a trial reports."""
        return 1e6 if rng.random() < 1 / 16 else self.value(flags)


_UNIT = "[0.0:1.0]"

BLIND_SPOTS = (
    Problem(
        name="decades",
        settings={
            "rate": "[0.000001:1.0]",
            "decay": "[0.0000001:0.1]",
            "momentum": "[0.0:0.99]",
        },
        value=_decades,
        minimum=0.0,
        group=Group.BLIND,
    ),
    Problem(
        name="steps",
        settings={"width": str(_WIDTHS), "dropout": str(_DROPOUTS)},
        value=_steps,
        minimum=lambda: min(
            _steps({"width": width, "dropout": dropout})
            for width in _WIDTHS
            for dropout in _DROPOUTS
        ),
        group=Group.BLIND,
    ),
    Problem(
        name="outlier",
        settings={f"x{i}": _UNIT for i in range(1, 5)},
        value=_outlier,
        minimum=0.0,
        group=Group.BLIND,
    ),
    Diverging(
        name="diverging",
        settings={f"x{i}": _UNIT for i in range(1, 5)},
        value=_bowl,
        minimum=0.0,
        group=Group.BLIND,
    ),
    Problem(
        name="switches13",
        settings={f"use_{i:02}": "[yes, no]" for i in range(13)},
        value=_switches,
        minimum=lambda: min(
            _switches({f"use_{i:02}": bool(bits >> i & 1) for i in range(13)})
            for bits in range(2**13)
        ),
        group=Group.BLIND,
    ),
    Problem(
        name="models",
        settings={
            "model": "[forest, svm, neighbours]",
            "depth": "[2:30]",
            "share": "[0.05:1.0]",
            "c": "loguniform[0.001:1000.0]",
            "gamma": "loguniform[0.0001:10.0]",
            "neighbours": "[1:50]",
            "power": "[1.0:4.0]",
        },
        value=_models,
        minimum=0.05,
        group=Group.BLIND,
    ),
    Problem(
        name="strong-noise",
        settings={"x": "[-1.0:1.0]", "y": "[-1.0:1.0]", "z": "[-1.0:1.0]"},
        value=_noisy,
        minimum=0.0,
        noise_sd=0.5,
        group=Group.BLIND,
    ),
    Problem(
        name="noisy-cells",
        settings={"depth": "[1:8]", "kind": "[a, b, c]"},
        value=_cells,
        minimum=0.0,
        noise_sd=0.3,
        group=Group.BLIND,
    ),
    Problem(
        name="mixed",
        settings={
            "optimizer": f"[{', '.join(_OPTIMIZERS)}]",
            "schedule": f"[{', '.join(_SCHEDULES)}]",
            "rate": "loguniform[1e-6:1.0]",
            "width": "[8:512]",
            "layers": "[1:8]",
            "drop": "[0.0:0.9]",
        },
        value=_mixed,
        minimum=0.0,
        group=Group.BLIND,
    ),
    Problem(
        name="noisy-line",
        settings={"x": "[-2.0:2.0]"},
        value=_line,
        minimum=0.0,
        noise_sd=0.3,
        group=Group.BLIND,
    ),
)
