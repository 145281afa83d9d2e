"""Facts of batches that are made up, without a store."""

import random
from collections.abc import Sequence
from pathlib import Path

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.report.facts import BatchFacts, Failure
from tunesmith.report.model_slices import ModelSlice
from tunesmith.report.points import points_of, varied_names
from tunesmith.search.importance import importances
from tunesmith.search.recommendation import Recommendation
from tunesmith.trial import Prediction, Run, TrialStatus, trial_id

BATCH = "f9" * 16
DIRECTORY = Path("/home/.tunesmith/trials") / BATCH


def made_spec(*, label: str = "") -> BatchSpec:
    """A gp search over x, a learning rate on a log scale and a kind."""
    return BatchSpec(
        id=BATCH,
        project="/project",
        script="train.py",
        operation="train.py",
        script_flags=ScriptFlags(
            source=FlagSource.GLOBALS,
            definitions=(
                FlagDefinition(name="x", default=0.1),
                FlagDefinition(name="lr", default=0.1),
                FlagDefinition(name="kind", default="a"),
                FlagDefinition(name="noise", default=0.1),
            ),
        ),
        settings={
            "x": Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]"),
            "lr": Distribution(low=1e-5, high=0.1, is_log=True, text="loguniform[1e-5:1e-1]"),
            "kind": Choices(values=("a", "b"), text="[a,b]"),
            "noise": 0.3,
        },
        optimizer=OptimizerSpec(name="gp", settings={"random-starts": 5}),
        n_trials=20,
        seed=7,
        label=label,
    )


def made_trials(n: int, *, n_failed: int = 0) -> list[Run]:
    """Trials of which the first ones failed; trial k starts at second k."""
    generator = random.Random(0)
    return [
        Run(
            id=trial_id(BATCH, number),
            batch=BATCH,
            number=number,
            operation="train.py",
            script="train.py",
            status=TrialStatus.ERROR if number <= n_failed else TrialStatus.COMPLETED,
            exit_code=3 if number <= n_failed else 0,
            started=1_700_000_000.0 + number,
            stopped=1_700_000_001.5 + number,
            seconds=1.5,
            origin="random-start" if number < 4 else "gp",
            objective=None if number <= n_failed else generator.gauss(0, 1),
            flags={
                "x": generator.uniform(-2, 2),
                "lr": 10 ** generator.uniform(-5, -1),
                "kind": generator.choice("ab"),
                "noise": 0.3,
            },
            prediction=None if number < 4 else Prediction(mean=0.25, sd=0.5, acquisition=0.1),
        )
        for number in range(1, n + 1)
    ]


def made_facts(
    trials: Sequence[Run],
    *,
    spec: BatchSpec | None = None,
    output: tuple[str, ...] = ("ValueError: too hot",),
    recommendation: Recommendation | None = None,
) -> BatchFacts:
    """The facts of trials, with a model that expects 0.5 everywhere along x."""
    spec = spec or made_spec()
    failed = [run for run in trials if run.status is TrialStatus.ERROR]
    names = varied_names(trials)
    columns = {name: [run.flags[name] for run in trials] for name in names}
    return BatchFacts(
        spec=spec,
        trials=tuple(trials),
        points=tuple(points_of(trials, spec)),
        varied=tuple(names),
        importances=tuple(importances(columns, [run.objective for run in trials])),
        slices={
            "x": ModelSlice(
                values=(-2.0, 2.0), means=(0.5, 0.5), lows=(0.0, 0.0), highs=(1.0, 1.0)
            )
        },
        failures=tuple(Failure(run=run, output=output) for run in failed[:20]),
        n_failures=len(failed),
        environment={"seed": "7", "host": "here"},
        directory=DIRECTORY,
        recommendation=recommendation,
    )
