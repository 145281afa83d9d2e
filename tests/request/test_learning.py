"""``--learn-from``: results of runs, of tables and of studies that a batch begins with."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.batches import make_record, make_spec
from tests.request.samples import ORIGIN, SCRIPT
from tunesmith.batch import BatchSpec
from tunesmith.batch_json import batch_from_plain, batch_to_plain
from tunesmith.errors import TunesmithError, UsageError
from tunesmith.executor.proposing import plan_trials
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.output.scalars import summarize
from tunesmith.query.commands import batch_command
from tunesmith.query.learnt import learning_lines
from tunesmith.request.learning import MAX_RESULTS, with_learnt
from tunesmith.request.options import read_options
from tunesmith.request.reading import read_arguments
from tunesmith.request.specification import specify
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.scalar import ScalarSeries
from tunesmith.search.observations import failing_what_misses, learnt
from tunesmith.storage.store import Store
from tunesmith.trial import TrialStatus

TYPED = ScriptFlags(
    source=FlagSource.ARGPARSE,
    definitions=(
        FlagDefinition(name="lr", type=FlagType.FLOAT, default=0.1),
        FlagDefinition(name="depth", type=FlagType.INT, default=3),
        FlagDefinition(name="kind", default="a"),
    ),
)
SEARCH = ("lr=[0.0:1.0]", "depth=[1:8]", "kind=[a,b]")
OTHER = "c0ffee00" * 4


def learning(source: str, folder: Path, *words: str, **options: Any) -> BatchSpec:
    given = read_options({"learn_from": [source], "optimizer": "gp", **options})
    request = SweepRequest(
        script="train.py", folder=folder, **read_arguments(words or SEARCH), **given
    )
    spec = specify(request, replace(SCRIPT, flags=TYPED), (), ORIGIN)
    return with_learnt(spec, request, folder / ".tunesmith")


def table(folder: Path, text: str) -> str:
    (folder / "old.csv").write_text(text)
    return "old.csv"


def told(spec: BatchSpec) -> list[tuple[Any, ...]]:
    return [
        (one.number, one.flags["lr"], one.flags["depth"], one.flags["kind"], one.cost)
        for one in learnt(spec)
    ]


def test_rows_of_a_table_inform_the_search(tmp_path: Path) -> None:
    source = table(tmp_path, "lr,depth,kind,loss,note\n0.5,2,b,0.25,x\n1,4,a,1e-3,y\n")
    spec = learning(source, tmp_path)
    assert told(spec) == [(0, 0.5, 2, "b", 0.25), (0, 1.0, 4, "a", 0.001)]
    assert list(learning_lines(spec)) == ["learns from 2 results: old.csv"]
    assert "--learn-from old.csv" in str(batch_command(spec))


def test_what_is_not_searched_lacks_the_objective_or_failed_is_left_out(tmp_path: Path) -> None:
    rows = (
        "9,2,b,0.25,completed",
        "0.5,2,c,0.25,completed",
        "0.5,2.5,b,0.25,completed",
        "0.5,2,b,,completed",
        "0.5,2,b,nan,completed",
        "0.5,2,b,0.5,error",
        "0.5,2.0,b,0.75,completed",
    )
    source = table(tmp_path, "flag:lr,depth,kind,loss,status\n" + "\n".join(rows) + "\n")
    spec = learning(source, tmp_path)
    assert told(spec) == [(0, 0.5, 2, "b", 0.75)]
    assert list(learning_lines(spec)) == [
        "learns from 1 result: old.csv; 3 left out, which lie outside of what is searched"
    ]


def test_a_flag_that_a_table_does_not_name_had_the_default_of_the_script(tmp_path: Path) -> None:
    source = table(tmp_path, "lr,loss\n0.5,0.25\n")
    assert told(learning(source, tmp_path)) == [(0, 0.5, 3, "a", 0.25)]


def test_the_sign_turns_where_more_is_better(tmp_path: Path) -> None:
    source = table(tmp_path, "lr,acc\n0.5,0.25\n")
    spec = learning(source, tmp_path, maximize="acc")
    assert [one.cost for one in learnt(spec)] == [-0.25]
    assert spec.earlier[0].values == (0.25,)


def test_of_many_results_the_best_and_a_sample_are_kept(tmp_path: Path) -> None:
    rows = "\n".join(f"{k / 1000},{k}" for k in range(1000))
    spec = learning(table(tmp_path, f"lr,loss\n{rows}\n"), tmp_path)
    values = spec.earlier[0].values
    assert len(values) == MAX_RESULTS
    assert values[: MAX_RESULTS // 3] == tuple(range(MAX_RESULTS // 3))
    assert values[-1] == 999


TWO = {"objectives": ["minimize loss", "maximize acc"], "subject_to": ["latency <= 50"]}


def of_two(spec: BatchSpec) -> list[tuple[Any, ...]]:
    return [(one.flags["lr"], one.cost, one.costs, one.margins) for one in learnt(spec)]


def test_a_table_tells_several_objectives_and_what_is_constrained(tmp_path: Path) -> None:
    rows = "0.5,1,0.25,60", "0.25,2,0.5,40", "0.1,3,,10", "0.2,4,0.1,"
    source = table(tmp_path, "lr,loss,acc,latency\n" + "\n".join(rows) + "\n")
    spec = learning(source, tmp_path, **TWO)
    assert of_two(spec) == [
        (0.5, 1.0, (1.0, -0.25), (10.0,)),
        (0.25, 2.0, (2.0, -0.5), (-10.0,)),
        (0.2, 4.0, (4.0, -0.1), (None,)),
    ]
    assert batch_from_plain(json.loads(json.dumps(batch_to_plain(spec)))) == spec


def test_a_table_without_what_is_constrained_tells_of_the_objectives(tmp_path: Path) -> None:
    source = table(tmp_path, "lr,loss,acc\n0.5,1,0.25\n")
    spec = learning(source, tmp_path, **TWO)
    assert of_two(spec) == [(0.5, 1.0, (1.0, -0.25), (None,))]
    assert list(learning_lines(spec)) == [
        "learns from 1 result: old.csv; it does not tell latency"
    ]
    (alone,) = map(failing_what_misses, learnt(spec))
    assert alone.cost == 1.0
    with pytest.raises(UsageError, match="has no column 'acc'"):
        learning(table(tmp_path, "lr,loss\n0.5,1\n"), tmp_path, **TWO)


def test_of_many_results_of_two_objectives_the_best_in_both_are_kept(tmp_path: Path) -> None:
    rows = "\n".join(f"{k / 1000},{k},{1000 - k if k < 900 else 0}" for k in range(1000))
    objectives = ["minimize loss", "minimize size"]
    source = table(tmp_path, f"lr,loss,size\n{rows}\n")
    spec = learning(source, tmp_path, objectives=objectives)
    assert len(spec.earlier[0].values) == MAX_RESULTS
    assert 900.0 in spec.earlier[0].values[:-1]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with a batch of three trials, of which one failed and one was stopped early."""
    store = Store.create(tmp_path / ".tunesmith")
    store.put_batch(make_spec(OTHER))
    for number, status in enumerate(
        (TrialStatus.COMPLETED, TrialStatus.COMPLETED, TrialStatus.ERROR), start=1
    ):
        series = [
            ScalarSeries(tag=tag, steps=[0], values=[value], times=[0.0])
            for tag, value in (("loss", float(number)), ("acc", number / 4))
        ]
        record = make_record(
            OTHER,
            number,
            status=status,
            exit_code=int(status is TrialStatus.ERROR),
            flags={"lr": number / 10, "depth": number, "kind": "b"},
            objective=float(number),
            scalars=summarize(series),
        )
        store.publish(record, series)
    return store


@pytest.mark.parametrize("source", [OTHER, OTHER[:8], "train.py"])
def test_trials_of_a_batch_inform_the_search(store: Store, tmp_path: Path, source: str) -> None:
    spec = learning(source, tmp_path)
    assert told(spec) == [(0, 0.1, 1, "b", 1.0), (0, 0.2, 2, "b", 2.0)]
    assert {one.batch for one in spec.earlier} == {OTHER[:8]}


def test_another_objective_is_read_from_what_the_trials_reported(
    store: Store, tmp_path: Path
) -> None:
    spec = learning(OTHER, tmp_path, maximize="acc")
    assert [one.cost for one in learnt(spec)] == [-0.25, -0.5]


def test_trials_tell_several_objectives_and_what_they_used(store: Store, tmp_path: Path) -> None:
    options = {"objectives": ["minimize loss", "maximize acc"], "subject_to": ["seconds <= 1"]}
    spec = learning(OTHER, tmp_path, **options)
    (seconds,) = {one.seconds for one in store.records(OTHER).records[:1]}
    assert seconds is not None
    assert of_two(spec) == [
        (0.1, 1.0, (1.0, -0.25), (seconds - 1.0,)),
        (0.2, 2.0, (2.0, -0.5), (seconds - 1.0,)),
    ]
    changed = replace(spec, subject_to=("latency <= 1",))
    assert [one.margins for one in learnt(changed)] == [(None,), (None,)]


def test_what_was_learnt_is_kept_with_the_batch(store: Store, tmp_path: Path) -> None:
    spec = learning(OTHER, tmp_path, optimizer_flags={"random-starts": 1})
    again = batch_from_plain(json.loads(json.dumps(batch_to_plain(spec))))
    assert again == spec
    first = plan_trials(spec, RecordedTrials(), number=1, n=1)
    assert plan_trials(again, RecordedTrials(), number=1, n=1) == first
    alone = replace(spec, learn_from=(), earlier=())
    assert plan_trials(alone, RecordedTrials(), number=1, n=1) != first
    plain = batch_to_plain(alone)
    assert "earlier" not in plain
    assert "learn_from" not in plain


def test_a_study_of_optuna_informs_the_search(tmp_path: Path) -> None:
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    url = f"sqlite:///{tmp_path}/study.db"
    for name, direction in (("one", "minimize"), ("two", "maximize")):
        study = optuna.create_study(study_name=name, storage=url, direction=direction)
        study.enqueue_trial({"lr": 0.5, "depth": 2, "kind": "b"})

        def objective(trial: Any) -> float:
            trial.suggest_categorical("kind", ["a", "b"])
            return float(trial.suggest_float("lr", 0, 1) * trial.suggest_int("depth", 1, 8))

        study.optimize(objective, n_trials=1)
    assert told(learning(f"optuna:{url}#one", tmp_path)) == [(0, 0.5, 2, "b", 1.0)]
    with pytest.raises(UsageError, match="name one, as in optuna:sqlite"):
        learning(f"optuna:{url}", tmp_path)
    with pytest.raises(TunesmithError, match="there is no study 'three'"):
        learning(f"optuna:{url}#three", tmp_path)
    with pytest.raises(UsageError, match="name the objective with --maximize"):
        learning(f"optuna:{url}#two", tmp_path)


def test_a_study_of_two_objectives_is_taken_in_its_order(tmp_path: Path) -> None:
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    url = f"sqlite:///{tmp_path}/study.db"
    study = optuna.create_study(storage=url, directions=["minimize", "maximize"])
    study.enqueue_trial({"lr": 0.5})

    def objective(trial: Any) -> tuple[float, float]:
        trial.set_user_attr("latency", 40)
        return float(trial.suggest_float("lr", 0, 1)), 0.25

    study.optimize(objective, n_trials=1)
    spec = learning(f"optuna:{url}", tmp_path, **TWO)
    assert of_two(spec) == [(0.5, 0.5, (0.5, -0.25), (-10.0,))]
    with pytest.raises(UsageError, match="the study has 2 objectives, and this batch 1 objective"):
        learning(f"optuna:{url}", tmp_path)
    turned = {"objectives": ["maximize acc", "minimize loss"]}
    with pytest.raises(UsageError, match="name the objective with --minimize"):
        learning(f"optuna:{url}", tmp_path, **turned)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("nope.csv", {}, "cannot be read: No such file"),
        ("old.csv", {"minimize": "val loss"}, "has no column 'val loss'; it has lr, loss"),
        ("old.csv", {"optimizer": "random"}, "learns from no results: take --optimizer"),
        ("nope", {}, "there are no runs yet"),
        ("optuna:sqlite:////nowhere/at/all.db", {}, "Optuna cannot read a study"),
    ],
    ids=["no file", "no column", "random", "no store", "no study"],
)
def test_what_cannot_be_learnt_from_is_refused_in_one_line(
    tmp_path: Path, source: str, options: dict[str, str], message: str
) -> None:
    table(tmp_path, "lr,loss\n0.5,0.25\n")
    with pytest.raises(TunesmithError) as refused:
        learning(source, tmp_path, **options)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_source_of_which_nothing_fits_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none of its 2 results lies within"):
        learning(OTHER, tmp_path, "lr=[5.0:6.0]")
    with pytest.raises(UsageError, match="no trial of it has completed with gain"):
        learning(OTHER, tmp_path, minimize="gain")
