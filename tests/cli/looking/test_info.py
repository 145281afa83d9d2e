import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tunesmith.batch import OptimizerSpec
from tunesmith.job_time import JobTime
from tunesmith.pruning import Pruned, PruningSpec
from tunesmith.trial import TrialStatus, short_id

Call = Callable[..., Any]


def facts(text: str) -> dict[str, str]:
    """Return the facts of a page by name."""
    pairs = (line.partition(":") for line in text.splitlines() if not line.startswith(" "))
    return {name: value.strip() for name, _, value in pairs}


def test_the_first_line_is_the_id_of_the_latest_run(library: Any, call: Call) -> None:
    *_, last = library.grid()

    done = call("runs", "info")

    assert done.code == 0
    assert done.out.splitlines()[0] == f"id: {last}"


def test_a_batch_says_what_auto_took_and_why(library: Any, call: Call) -> None:
    library.search()
    spec = library.store.batch("0b5e55ed" * 4)
    taken = OptimizerSpec(name="gp", settings={"xi": 0.1}, reason="the best")
    library.store.put_batch(replace(spec, optimizer=taken, generation=1))

    text = call("runs", "info", "--operation", "train.py+gp").out

    assert facts(text)["optimizer"] == "skopt:gp xi=0.1 (auto: the best)"


def test_a_batch_says_where_its_time_went_and_what_the_latest_trials_gained(
    library: Any, call: Call
) -> None:
    library.lucky_search()
    noted = JobTime(available=66.0, proposing=22.0)
    library.store.put_end(
        "0b5e55ed" * 4, generation=0, reason="", stopped=1_579_000_000.0, job_time=noted
    )

    page = call("runs", "info", "--operation", "train.py+gp").out
    plain = json.loads(call("runs", "info", "--operation", "train.py+gp", "--json").out)

    assert (
        "time:\n"
        "  completed 33.0s (50 %), proposing 22.0s (33 %), overhead 11.0s (17 %)\n"
        "  the last 7 trials (10.5s) lowered the best loss by 0.51, to -0.5"
    ) in page
    assert plain["time_spent"]["proposing"] == 22.0
    assert plain["recent_gain"]["n_trials"] == 7


def test_a_trial_shows_where_it_ran_and_what_came_of_it(library: Any, call: Call) -> None:
    *_, last = library.grid()

    text = call("runs", "info", "1").out

    page = facts(text)
    assert page["operation"] == "train.py"
    assert page["from"] == str(library.project / "train.py")
    assert page["status"] == "completed"
    assert page["started"] == "2020-01-14 09:38:15"
    assert page["trial"] == "3 of batch bfcff413"
    assert page["origin"] == "grid, a combination of the given values"
    assert "prediction" not in page
    assert page["run_dir"] == str(library.store.layout.trial_directory("bfcff413" * 4, last))
    assert page["command"] == "python train.py"
    assert page["exit_status"] == "0"
    assert "flags:\n  noise: 0.1\n  x: 1\nscalars:\n  loss: -0.75 (step 9)" in text


def test_a_filter_finds_the_batch_to_restart(library: Any, call: Call) -> None:
    *_, last = library.search()

    text = call("runs", "info", "--operation", "train.py+gp").out

    page = facts(text)
    assert text.splitlines()[0] == f"id: {'0b5e55ed' * 4}"
    assert page["operation"] == "train.py+gp"
    assert page["optimizer"] == "skopt:gp"
    assert page["objective"] == "minimize loss"
    assert page["seed"] == "7"
    assert page["trials"] == "2 completed, 1 error (of 3)"
    assert page["best"] == f"-0.93641  noise=0.1 x=0.37037  (trial 3, {short_id(last)})"
    assert page["best_command"] == "tunesmith run train.py x=0.370370367"
    assert page["restart"] == "tunesmith run --restart 0b5e55ed"
    assert "flags:\n  noise: 0.1\n  x: [-2.0:2.0]" in text


def test_a_failed_run_shows_the_last_lines_of_its_output(library: Any, call: Call) -> None:
    library.search()

    text = call("runs", "info", "--error").out

    assert facts(text)["exit_status"] == "3"
    assert "output:\n  working\n  ValueError: too hot" in text


def test_the_json_of_a_batch_has_its_settings(library: Any, call: Call) -> None:
    *_, last = library.search()

    plain = json.loads(call("runs", "info", "train.py+gp", "--json").out)

    assert plain["optimizer"]["name"] == "gp"
    assert plain["settings"] == {"noise": "0.1", "x": "[-2.0:2.0]"}
    assert plain["best"] == last
    assert plain["progress"]["total"] == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["ffff"], 3), (["1", "2"], 2), (["--running"], 3), (["99"], 3)],
    ids=["no such id", "two runs", "no run matches", "outside"],
)
def test_what_is_not_there_is_an_error(
    library: Any, call: Call, arguments: list[str], code: int
) -> None:
    library.grid()

    done = call("runs", "info", *arguments)

    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("error: ")


def test_no_store_names_the_command_that_makes_one(call: Call) -> None:
    done = call("runs", "info")

    assert done.code == 3
    assert done.err.startswith("error: ")


def test_a_lost_specification_is_a_warning(library: Any, call: Call) -> None:
    library.grid()
    (library.store.layout.batches / f"{'bfcff413' * 4}.json").unlink()

    done = call("runs", "info", "1")

    assert done.code == 0
    assert facts(done.out)["from"] == "train.py"
    assert "warning: " in done.err


def test_a_trial_says_what_the_model_expected_of_it(library: Any, call: Call) -> None:
    library.lucky_search()

    page = facts(call("runs", "info", "1").out)
    plain = json.loads(call("runs", "info", "1", "--json").out)

    assert page["origin"] == "gp, where a Gaussian process expected the most improvement"
    assert page["prediction"] == "-0.8125 ± 0.12 (acquisition 0.034)"
    assert plain["origin"] == "gp"
    assert plain["prediction"] == {"mean": -0.8125, "sd": 0.123, "acquisition": 0.034}


def test_a_batch_names_the_recommended_trial_beside_a_lucky_one(library: Any, call: Call) -> None:
    ids = library.lucky_search()

    page = facts(call("runs", "info", "train.py+gp").out)
    plain = json.loads(call("runs", "info", "train.py+gp", "--json").out)

    assert page["best"] == f"-0.5  x=-1.5  (trial 22, {short_id(ids[-1])})"
    recommended = plain["recommended"]
    assert recommended["id"] == ids[recommended["number"] - 1]
    assert 11 <= recommended["number"] <= 16  # x from 0 to 1
    assert page["recommended"].endswith(
        f"(trial {recommended['number']}, {short_id(recommended['id'])})"
    )


@pytest.mark.parametrize("batch", ["bfcff413", "0b5e55ed"], ids=["grid", "few results"])
def test_there_are_batches_of_which_nothing_is_recommended(
    library: Any, call: Call, batch: str
) -> None:
    library.grid()
    library.search()

    page = facts(call("runs", "info", batch).out)
    plain = json.loads(call("runs", "info", batch, "--json").out)

    assert "best" in page
    assert "recommended" not in page
    assert plain["recommended"] is None


def test_trials_and_grids_are_shown_without_numpy(library: Any, call: Call) -> None:
    library.grid()
    library.lucky_search("ab" * 16)
    call("runs")  # the first look reads the trials' Parquet into the index, which takes numpy
    code = (
        "import sys\n"
        "from tunesmith.cli.main import main\n"
        "for run in (['1'], ['bfcff413']):\n"
        "    assert main(['runs', 'info', *run]) == 0\n"
        "print(sorted({'numpy', 'scipy'} & set(sys.modules)), file=sys.stderr)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr == "[]\n"


def test_a_pruned_trial_says_why_and_its_batch_how_many(library: Any, call: Call) -> None:
    library.search()
    batch = "0b5e55ed" * 4
    spec, reason = library.store.batch(batch), "at point 4 its loss -9 had no chance of beating 1"
    library.store.put_batch(replace(spec, pruning=PruningSpec(rule="bold"), generation=1))
    first = library.store.records(batch).records[0]
    fields: dict[str, Any] = {"status": TrialStatus.PRUNED, "exit_code": None, "reason": reason}
    pruned = Pruned(point=4, estimate=0.5, among=())
    again = replace(first, attempt=2, objective=-9.0, pruned=pruned, **fields)
    library.store.publish(again, [])

    trial = facts(call("runs", "info", "--pruned").out)
    page = facts(call("runs", "info", "--operation", "train.py+gp").out)
    plain = json.loads(call("runs", "info", "--operation", "train.py+gp", "--json").out)

    assert (trial["id"], trial["status"], trial["reason"]) == (first.id, "pruned", reason)
    assert trial["estimate"] == "0.5 at its end, which the search is told"
    assert "1 pruned" in page["trials"]
    assert page["pruning"].startswith("1 of ")
    assert page["pruning"].endswith("(bold)")
    assert "-9" not in page["best"]
    assert (plain["pruning"]["pruned"], plain["pruning"]["rule"]) == (1, "bold")
    assert plain["best"] != first.id
    assert "1 pruned, best " in call("runs", "--operation", "train.py+gp").out
