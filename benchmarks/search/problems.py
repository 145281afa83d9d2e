"""The problems by name: thirteen for design, some of further kinds, and those kept apart."""

from dataclasses import replace

import functions
import models
from blind_spots import BLIND_SPOTS
from problem import Group, Problem, box, with_failures
from switches import CHOICES, ORDINAL, SWITCH

UNIT = (0.0, 1.0)
BRANIN_BOUNDS = [(-5.0, 10.0), (0.0, 15.0)]
BRANIN = 0.39788735772973816
HARTMANN3, HARTMANN6 = -3.862779787332663, -3.3223680114155147

_BRANIN = box("branin", functions.branin, BRANIN_BOUNDS, BRANIN)
_HARTMANN3 = box("hartmann3", functions.hartmann3, [UNIT] * 3, HARTMANN3)
_HARTMANN6 = box("hartmann6", functions.hartmann6, [UNIT] * 6, HARTMANN6)
_ACKLEY = box("ackley5", functions.ackley, [(-32.768, 32.768)] * 5, 0.0)
_WAVE = box("reference", functions.wave, [(-2.0, 2.0)], -0.9094298025393893)

_SUPPORT_VECTORS = Problem(
    name="svr-diabetes",
    settings={
        "C": "loguniform[0.001:1000.0]",
        "gamma": "loguniform[0.0001:10.0]",
        "epsilon": "loguniform[0.001:1.0]",
        "kernel": "[rbf, linear, poly, sigmoid]",
        "degree": "[2:5]",
    },
    value=models.support_vectors,
    minimum=None,
)
_BOOSTED_TREES = Problem(
    name="boosting-diabetes",
    settings={
        "learning_rate": f"loguniform[{models.RATES[0]}:{models.RATES[-1]}]",
        "depth": f"[{models.DEPTHS[0]}:{models.DEPTHS[-1]}]",
        "n": f"loguniform[{models.FEWEST_TREES}:{models.N_TREES}]",
        "subsample": f"[{models.SUBSAMPLES[0]}:{models.SUBSAMPLES[-1]}]",
        "loss": f"[{', '.join(models.LOSSES)}]",
    },
    value=models.boosted_trees,
    minimum=models.least_of_boosted_trees,
    integers=frozenset({"n"}),
)
_NETWORK = Problem(
    name="mlp-digits",
    settings={
        "width": f"[{models.WIDTHS[0]}:{models.WIDTHS[-1]}]",
        "layers": f"[{models.LAYERS[0]}:{models.LAYERS[-1]}]",
        "activation": f"[{', '.join(models.ACTIVATIONS)}]",
        "learning_rate": f"[{', '.join(map(str, models.STEP_SIZES))}]",
        "batch_size": f"[{', '.join(map(str, models.BATCH_SIZES))}]",
    },
    value=models.network,
    minimum=models.least_of_network,
)

DESIGN = (
    replace(_WAVE, noise_sd=0.1),
    _BRANIN,
    _HARTMANN3,
    _HARTMANN6,
    _ACKLEY,
    box("rosenbrock4", functions.rosenbrock, [(-5.0, 10.0)] * 4, 0.0),
    box("levy4", functions.levy, [(-10.0, 10.0)] * 4, 0.0),
    box("rastrigin3", functions.rastrigin, [(-5.12, 5.12)] * 3, 0.0),
    replace(_HARTMANN6, name="hartmann6-noise", noise_sd=0.2),
    box("branin-in-10", functions.branin, [*BRANIN_BOUNDS, *[UNIT] * 8], BRANIN),
    _SUPPORT_VECTORS,
    _BOOSTED_TREES,
    _NETWORK,
)

# the shares are the two-thirds quantiles of a mean of 2, 3 and 5 uniform numbers
FAILING = (
    with_failures(_BRANIN, 0.5917),
    with_failures(_HARTMANN3, 0.5757),
    with_failures(_ACKLEY, 0.5573),
)
"""A third of each space fails, up to near its minimum."""

FAILURE_FREE = {one.name: one for one in (_BRANIN, _HARTMANN3, _ACKLEY)}
"""What a search of failing problems is compared with, by name."""

EXTRA = (
    SWITCH,
    ORDINAL,
    replace(_BRANIN, name="branin-noise", noise_sd=5.0, group=Group.EXTRA),
    *FAILING,
)

_WIDE = (
    box("levy30", functions.levy, [(-10.0, 10.0)] * 30, 0.0),
    box("rosenbrock30", functions.rosenbrock, [(-5.0, 10.0)] * 30, 0.0),
    box("hartmann6-in-50", lambda x: functions.hartmann6(x[:6]), [UNIT] * 50, HARTMANN6),
    CHOICES,
)
WIDE = tuple(replace(problem, group=Group.WIDE) for problem in _WIDE)

_HELD_OUT = (
    box("michalewicz5", functions.michalewicz, [(0.0, 3.141592653589793)] * 5, -4.687658179088),
    box("camel", functions.camel, [(-3.0, 3.0), (-2.0, 2.0)], -1.0316284534898774),
    box("styblinski-tang4", functions.styblinski_tang, [(-5.0, 5.0)] * 4, -156.66466281508565),
    box("griewank4", functions.griewank, [(-60.0, 60.0)] * 4, 0.0),
    box("shekel4", functions.shekel, [(0.0, 10.0)] * 4, -10.53644315348353),
    box("goldstein-price", functions.goldstein_price, [(-2.0, 2.0)] * 2, 1.0986122886681098),
    Problem(
        name="forest-wine",
        settings={
            "n": "[4:16]",
            "depth": "[1:12]",
            "leaf": "loguniform[1:20]",
            "share": "[0.05:1.0]",
            "criterion": "[gini, entropy]",
        },
        value=models.forest,
        minimum=None,
        integers=frozenset({"leaf"}),
    ),
    Problem(
        name="neighbours-cancer",
        settings={
            "n": "loguniform[1:60]",
            "power": "[1, 2]",
            "weights": "[uniform, distance]",
            "scaling": "[standard, robust, minmax]",
            "n_components": "[2:30]",
            "smoothing": "loguniform[0.0001:0.5]",
        },
        value=models.neighbours,
        minimum=None,
        integers=frozenset({"n"}),
    ),
)
HELD_OUT = tuple(replace(problem, group=Group.HELD_OUT) for problem in _HELD_OUT)

PROBLEMS: dict[str, Problem] = {
    p.name: p for p in (*DESIGN, *EXTRA, *WIDE, *BLIND_SPOTS, *HELD_OUT)
}


def names_of(group: Group) -> tuple[str, ...]:
    """Return the names of a group's problems, in their order."""
    return tuple(name for name, problem in PROBLEMS.items() if problem.group is group)
