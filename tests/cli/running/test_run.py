import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import variables
from tunesmith.server.shared_server import ServerState

CLI = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1, help="learning rate")
parser.add_argument("--kind", choices=["a", "b"], default="a")
parser.add_argument("--fast", action="store_true")
parser.add_argument("files", nargs="*")
args = parser.parse_args()
print(f"loss: {args.lr + args.fast + len(args.files)}")
"""


def only_run(project: Any) -> dict[str, Any]:
    """Return the one run of the store, as ``runs --json`` shows it."""
    (row,) = json.loads(project.succeed("runs", "--json"))
    return dict(row)


def test_a_single_run_shows_the_scripts_output_and_needs_no_server(project: Any) -> None:
    done = project.run("run", "quick.py", "x=0.5", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "You are about to run quick.py\n  noise: 0.1\n  x: 0.5\n"
    assert done.stdout.startswith("loss: 0.14")
    assert not Path(project.environment["XDG_DATA_HOME"]).exists()
    run = only_run(project)
    assert run["status"] == "completed"
    assert run["flags"] == {"noise": 0.1, "x": 0.5}


@pytest.mark.parametrize("script", ["which.py", "options.py"])
def test_a_relative_interpreter_is_that_of_the_folder_in_which_it_is_typed(
    project: Any, script: str
) -> None:
    (project.path / "env" / "bin").mkdir(parents=True)
    (project.path / "env" / "bin" / "python").symlink_to(sys.executable)
    project.write("which.py", "import sys\nx = 1\nprint(sys.executable)\n")
    computed = CLI.replace("default=0.1", "default=0.2 / 2")
    project.write("options.py", computed + "import sys\nprint(sys.executable)\n")
    out = project.succeed("run", script, "--python", "env/bin/python", "-y")
    assert out.splitlines()[-1] == str(project.path / "env" / "bin" / "python")


AGAIN = """\
import os
lr = 0.1
batch = 32
lr = 0.01
if os.environ.get("NOWHERE"):
    batch = 8
step = 0
while step < 12:
    step += 1
size = 5
size = len("abc")
print(f"used: {lr} {batch} {step} {size}")
"""


def test_the_last_of_two_assignments_is_the_one_that_is_set(project: Any) -> None:
    project.write("again.py", AGAIN)
    assert project.succeed("run", "again.py", "lr=0.5", "-y") == "used: 0.5 32 12 3\n"
    assert only_run(project)["flags"] == {"lr": 0.5, "batch": 32}


def test_the_list_of_flags_says_which_are_assigned_again(project: Any) -> None:
    project.write("again.py", AGAIN)
    lines = project.succeed("run", "again.py", "--help-flags").splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["batch", "number", "32", "is", "assigned", "again", "in", "line", "6", "(if", "…)"],
        ["lr", "number", "0.01"],
    ]
    batch, lr = json.loads(project.succeed("run", "again.py", "--help-flags", "--json"))
    assert (batch["note"], lr["note"]) == ("is assigned again in line 6 (if …)", "")


@pytest.mark.server
@pytest.mark.xdist_group("server")
def test_what_the_script_assigns_again_is_told_before_anything_runs(
    served_project: Any,
) -> None:
    project = served_project
    project.write("again.py", AGAIN)
    note = "is assigned again in line {}: trials may not run with the value that you set"
    assert "assigned again" not in project.run("run", "again.py", "lr=0.5", "-y").stderr
    told = project.run("run", "again.py", "batch=[8,9]")
    assert f"  batch {note.format('6 (if …)')}\n" in told.stderr
    quiet = project.run("run", "again.py", "batch=8", "-y", "-q")
    assert quiet.stderr == f"warning: batch {note.format('6 (if …)')}\n"
    counted = project.run("run", "again.py", "step=9", "-y")
    assert f"  step {note.format('9 (while …)')}\n" in counted.stderr
    assert counted.stdout == "used: 0.01 32 12 3\n"


def test_a_name_whose_value_would_be_lost_is_refused(project: Any) -> None:
    project.write("again.py", AGAIN)
    done = project.run("run", "again.py", "size=9", "-y")
    assert done.returncode == 2
    assert "again.py has no flag 'size' that can be set: it is assigned again in line 11" in (
        done.stderr
    )


def test_a_script_keeps_its_encoding_when_a_flag_is_set(project: Any) -> None:
    text = "# coding: latin-1\nname = 'a'\nprint(ascii(name), ascii('\u00e9'))\n"
    (project.path / "old.py").write_bytes(text.encode("latin-1"))
    out = project.succeed("run", "old.py", "name=\u00e8\u20ac", "-y")
    assert out == "'\\xe8\\u20ac' '\\xe9'\n"


def test_the_script_itself_is_never_changed(project: Any) -> None:
    before = (project.path / "quick.py").read_bytes()
    project.succeed("run", "quick.py", "x=0.5", "--yes")
    assert (project.path / "quick.py").read_bytes() == before
    assert sorted(path.name for path in project.path.iterdir()) == [
        ".tunesmith",
        "pyproject.toml",
        "quick.py",
        "train.py",
    ]


def test_options_reach_a_script_with_argparse(project: Any) -> None:
    project.write("options.py", CLI)
    out = project.succeed("run", "options.py", "lr=0.25", "fast=yes", "-y", "--", "one", "two")
    assert out == "loss: 3.25\n"


CONVERTING = """\
import argparse
def to_bool(text):
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError("not a boolean")
    return text == "yes"
parser = argparse.ArgumentParser()
parser.add_argument("--amp", type=to_bool, default=False)
parser.add_argument("--shuffle", type=lambda text: text.lower() == "true", default=True)
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
print(args.amp, args.shuffle, args.lr)
"""


def test_a_script_keeps_the_defaults_of_what_was_not_set(project: Any) -> None:
    project.write("converting.py", CONVERTING)
    assert project.succeed("run", "converting.py", "-y") == "False True 0.1\n"
    assert project.succeed("run", "converting.py", "lr=0.2", "-y") == "False True 0.2\n"
    runs = json.loads(project.succeed("runs", "--json"))
    assert {run["command"] for run in runs} == {
        "python converting.py",
        "python converting.py --lr 0.2",
    }


KITCHEN = """\
import argparse, enum, json, pathlib, random
class Kind(enum.Enum):
    SMALL = "small"
    LARGE = "large"
def to_bool(text):
    if text.lower() not in ("yes", "no"):
        raise ValueError(text)
    return text.lower() == "yes"
parser = argparse.ArgumentParser()
parser.add_argument("--kind", type=Kind, choices=list(Kind), default=Kind.SMALL)
parser.add_argument("--amp", type=to_bool, nargs="?", const=True, default=False)
parser.add_argument("--model", type=json.loads, default={"depth": 3})
parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=[8])
parser.add_argument("--layers", type=int, nargs="+", default=[1, 2])
parser.add_argument("--tag", action="append", default=["a"])
parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("some/where"))
parser.add_argument("--log", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("-v", "--verbose", action="count", default=0)
parser.add_argument("--adam", dest="optimizer", action="store_const", const="adam", default="sgd")
parser.add_argument("--clip", type=float)
parser.add_argument("--late", default=argparse.SUPPRESS)
parser.add_argument("--seed", type=int, default=random.randint(1, 10**9))
args = parser.parse_args()
del args.seed
print(sorted(vars(args).items()))
"""


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param(
            'kind=large amp=true model={"a":[null]} sizes=16 tag=b clip=-1e-05 log=no verbose=2 '
            "layers=3 adam=yes out=there late=x seed=1",
            '--kind large --amp yes --model {"a":[null]} --sizes 16 --tag b --clip=-1e-05 '
            "--no-log -vv --layers 3 --adam --out there --late x",
            id="values",
        ),
    ],
)
def test_a_script_runs_as_it_does_without_us(project: Any, flags: str, words: str) -> None:
    script = project.write("kitchen.py", KITCHEN)
    alone = [sys.executable, str(script), *words.split()]
    expected = subprocess.run(alone, capture_output=True, text=True, check=True).stdout
    assert project.succeed("run", script.name, *flags.split(), "-y") == expected


OTHERS = """\
import argparse, os, sys
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args, others = parser.parse_known_args()
print(args.lr, others, os.environ.get("FLAG_DEPTH"))
"""


def test_a_flag_that_is_forced_reaches_the_script(project: Any) -> None:
    project.write("others.py", OTHERS)
    out = project.succeed("run", "others.py", "depth=3", "on=yes", "--force-flags", "-y")
    assert out == "0.1 ['--depth', '3', '--on', 'yes'] 3\n"


def test_a_script_whose_flags_are_hidden_is_run_with_those_that_are_forced(project: Any) -> None:
    project.write("hidden.py", "import click, sys\nprint(sys.argv[1:])\n")
    done = project.run("run", "hidden.py", "lr=1", "-y")
    assert done.returncode == 2
    assert "nothing of yours was touched. --force-flags" in done.stderr
    out = project.succeed("run", "hidden.py", "lr=1", "--force-flags", "-y")
    assert out == "['--lr', '1']\n"


def test_no_run_has_a_forced_flag_that_its_script_did_not_get(project: Any) -> None:
    done = project.run("run", "quick.py", "speed=1", "--force-flags", "-y")
    assert done.returncode == 2
    assert "quick.py has no flag 'speed'. Its flags: noise, x" in done.stderr


def test_the_flags_of_a_script_are_listed(project: Any) -> None:
    project.write("options.py", CLI)
    lines = project.succeed("run", "options.py", "--help-flags").splitlines()
    assert [line.split()[0] for line in lines] == ["flag", "fast", "kind", "lr"]
    assert "a|b" in lines[2]
    assert "learning rate" in lines[3]
    listed = json.loads(project.succeed("run", "options.py", "--help-flags", "--json"))
    assert {flag["name"]: flag["default"] for flag in listed}["lr"] == 0.1


def test_quiet_prints_the_id_alone(project: Any) -> None:
    done = project.run("run", "quick.py", "-yq")
    assert done.stdout.strip() == only_run(project)["id"]
    assert done.stderr == ""


def test_json_prints_one_object(project: Any) -> None:
    answer = json.loads(project.succeed("run", "quick.py", "x=0.3", "-y", "--json"))
    assert answer["status"] == "completed"
    assert answer["objective"] == pytest.approx(0.1)


def test_a_label_and_tags_are_kept(project: Any) -> None:
    project.succeed("run", "quick.py", "-y", "-l", "first try", "-t", "a", "-t", "b")
    run = only_run(project)
    assert (run["label"], run["tags"]) == ("first try", ["a", "b"])


def test_the_trials_of_a_grid_are_printed_and_nothing_runs(project: Any) -> None:
    out = project.succeed("run", "quick.py", "x=[1,2]", "noise=[0.1,0.2]", "--print-trials")
    assert out.splitlines() == [
        "noise=0.1 x=1",
        "noise=0.1 x=2",
        "noise=0.2 x=1",
        "noise=0.2 x=2",
    ]
    assert not project.home.exists()


def test_the_trials_are_printed_as_json(project: Any) -> None:
    out = project.succeed("run", "quick.py", "x=[1,2]", "--print-trials", "--json")
    assert json.loads(out) == [{"noise": 0.1, "x": 1}, {"noise": 0.1, "x": 2}]


def test_a_seed_makes_random_trials_the_same(project: Any) -> None:
    command = ["run", "quick.py", "x=[-2.0:2.0]", "-m", "4", "--print-trials", "--random-seed"]
    first, again = (project.succeed(*command, "7") for _ in range(2))
    assert first == again != project.succeed(*command, "8")
    assert len(first.splitlines()) == 4


def test_a_model_based_search_has_no_trials_to_print(project: Any) -> None:
    done = project.run("run", "quick.py", "x=[-2.0:2.0]", "-o", "gp", "--print-trials")
    assert done.returncode == 2
    assert "--optimizer random" in done.stderr


def test_saved_trials_are_read_back_as_a_batch_file(project: Any) -> None:
    project.succeed("run", "quick.py", "x=[1,2.5]", "--save-trials", "trials.csv")
    with (project.path / "trials.csv").open() as file:
        assert [row["x"] for row in csv.DictReader(file)] == ["1", "2.5"]
    out = project.succeed("run", "quick.py", "@trials.csv", "noise=[0,1]", "--print-trials")
    assert out.splitlines() == [
        "noise=0 x=1",
        "noise=0 x=2.5",
        "noise=1 x=1",
        "noise=1 x=2.5",
    ] or (
        sorted(out.splitlines())
        == ["noise=0 x=1", "noise=0 x=2.5", "noise=1 x=1", "noise=1 x=2.5"]
    )


def test_saved_trials_keep_none_and_lists(project: Any) -> None:
    project.write(
        "kinds.py",
        "n = 4\ndrop = None\nLAYERS = [64, 64]\nBETAS = (0.8, 0.9)\n"
        "print(n, drop, LAYERS, BETAS)\n",
    )
    words = ("run", "kinds.py", "n=[null,3]", "drop=[null,0.5]", "BETAS=[[0.5,0.6]]")
    project.succeed(*words, "--save-trials", "trials.csv")
    wanted = json.loads(project.succeed(*words, "--print-trials", "--json"))
    read = project.succeed("run", "kinds.py", "@trials.csv", "--print-trials", "--json")
    assert json.loads(read) == wanted


def test_a_file_of_the_project_is_linked_in_or_named_by_a_hint(project: Any) -> None:
    project.write("data/big.bin", "\0\1\2" * 1000)
    project.write("reader.py", "print('loss:', len(open('data/big.bin').read()))\n")
    done = project.run("run", "reader.py", "--yes")
    if done.returncode:
        assert "add --link data/big.bin" in done.stderr
    assert project.succeed("run", "reader.py", "-y", "--link", "data") == "loss: 3000\n"
    assert project.succeed("run", "reader.py", "-y", "--cwd", "project") == "loss: 3000\n"


def test_a_declined_question_writes_nothing(project: Any) -> None:
    pytest.importorskip("pty")
    import os
    import pty
    import subprocess
    import sys

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tunesmith", "run", "quick.py"],
        cwd=project.path,
        env=project.environment,
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=follower,
    )
    os.close(follower)
    os.write(leader, b"n\n")
    process.communicate(timeout=60)
    os.close(leader)
    assert process.returncode == 4
    assert not project.home.exists()


@pytest.mark.server
@pytest.mark.xdist_group("server")
class TestBatches:
    def test_a_configured_server_is_used(self, project: Any, prefect_server: ServerState) -> None:
        project.succeed("run", "quick.py", "x=[1,2]", "-y", **variables(prefect_server))
        assert not Path(project.environment["XDG_DATA_HOME"]).joinpath("tunesmith").exists() or (
            not list(Path(project.environment["XDG_DATA_HOME"]).rglob("server.json"))
        )

    def test_a_configured_server_that_does_not_answer_is_named(self, project: Any) -> None:
        url = "http://127.0.0.1:9/api"
        done = project.run("run", "quick.py", "x=[1,2]", "-y", PREFECT_API_URL=url)
        assert done.returncode == 1
        assert f"error: the Prefect server at {url} does not answer" in done.stderr

    def test_retries_run_a_failed_trial_again(self, served_project: Any) -> None:
        served_project.write(
            "shaky.py",
            "import os, pathlib\nx = 1\n"
            "mark = pathlib.Path(os.environ['MARK'] + str(x))\n"
            "if not mark.exists():\n    mark.touch()\n    raise SystemExit(3)\n"
            "print('loss:', x)\n",
        )
        mark = str(served_project.path.parent / "mark")
        served_project.succeed("run", "shaky.py", "x=[1,2]", "-y", "--retries", "1", MARK=mark)
        rows = json.loads(served_project.succeed("runs", "--json", "--operation", "shaky.py"))
        assert [(row["status"], row["attempt"]) for row in rows] == [("completed", 2)] * 2

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are for Linux")
    def test_trials_are_forked_once_one_has_completed(self, served_project: Any) -> None:
        served_project.write(
            "which.py",
            "x = 1\nwith open('/proc/self/cmdline') as file:\n"
            "    print('warm:', int('warm_child' in file.read()))\n",
        )
        for options in ([], ["--warm", "off"], ["--warm", "on", "--jobs", "2"]):
            served_project.succeed("run", "which.py", "x=[1,2,3]", "-y", *options)
        rows = json.loads(served_project.succeed("compare", "--json", "--operation", "which.py"))
        found = [(row["x"], row["warm"]) for row in sorted(rows, key=lambda row: row["started"])]
        assert sorted(found[:3]) == [(1, 0.0), (2, 1.0), (3, 1.0)]
        assert [warm for _, warm in found[3:]] == [0.0] * 3 + [1.0] * 3

    def test_a_batch_ends_after_so_many_failures(self, served_project: Any) -> None:
        served_project.write("bad.py", "x = 1\nraise SystemExit(3)\n")
        done = served_project.run("run", "bad.py", "x=range[1:9]", "-y", "--max-failures", "2")
        assert done.returncode == 1
        assert "ended early (2 trial(s) failed)" in done.stdout
        rows = json.loads(served_project.succeed("runs", "--all", "--json", "--error"))
        assert len([row for row in rows if row["operation"] == "bad.py"]) == 2

    def test_the_first_failure_shows_its_last_lines(self, served_project: Any) -> None:
        served_project.write("bad.py", "x = 1\nprint('so far')\nraise MemoryError('too big')\n")
        done = served_project.run("run", "bad.py", "x=[1,2]", "-y")
        assert done.stderr.count("  | MemoryError: too big") == 1
        assert "child.py" not in done.stderr
        assert "Task run" not in done.stderr

    def test_what_completed_before_is_left_out_where_only_needed_trials_are_asked_for(
        self, served_project: Any
    ) -> None:
        served_project.succeed("run", "quick.py", "x=[1,2]", "-y")
        served_project.succeed("run", "quick.py", "x=[1,2,3]", "-y", "--needed")
        rows = json.loads(served_project.succeed("runs", "--all", "--json"))
        ran = [row["flags"]["x"] for row in rows if row["operation"] == "quick.py"]
        assert sorted(ran) == [1, 2, 3]

    def test_each_gpu_serves_one_trial_at_a_time(self, served_project: Any) -> None:
        served_project.write(
            "gpu.py", "import os\nx = 1\nprint('loss:', os.environ['CUDA_VISIBLE_DEVICES'])\n"
        )
        done = served_project.run("run", "gpu.py", "x=range[1:4]", "-y", "--gpus", "5,6")
        assert "2 at a time on GPU 5, 6" in done.stderr
        rows = json.loads(served_project.succeed("compare", "--json"))
        assert {row["loss"] for row in rows} == {5.0, 6.0}

    def test_json_tells_the_outcome_and_the_best_trial(self, served_project: Any) -> None:
        out = served_project.succeed("run", "quick.py", "x=[0,0.3]", "-y", "--json")
        answer = json.loads(out)
        assert answer["counts"] == {"completed": 2}
        assert answer["best"]["flags"] == {"noise": 0.1, "x": 0.3}

    def test_a_restart_of_a_whole_grid_says_that_nothing_is_left(
        self, served_project: Any
    ) -> None:
        batch = served_project.succeed("run", "quick.py", "x=[1,2]", "-yq").strip()
        done = served_project.run("run", "--restart", batch, "-y")
        assert done.returncode == 0
        assert "nothing left to run" in done.stderr

    def test_failed_trials_run_again_and_keep_their_numbers(self, served_project: Any) -> None:
        served_project.write("picky.py", "import os\nx = 1\nassert x > 0 or 'OK' in os.environ\n")
        assert served_project.run("run", "picky.py", "x=[-1,1]", "-y").returncode == 1
        served_project.succeed("run", "--restart", "picky.py+", "-y", OK="1")
        rows = json.loads(served_project.succeed("runs", "--json"))
        trials = [row for row in rows if row["operation"] == "picky.py"]
        assert sorted((row["number"], row["attempt"], row["status"]) for row in trials) == [
            (1, 2, "completed"),
            (2, 1, "completed"),
        ]

    def test_the_outcome_of_a_search_that_learns_has_the_recommended_trial(
        self, served_project: Any
    ) -> None:
        command = ["run", "quick.py", "x=[-2.0:2.0]", "-o", "gp", "-m", "6", "-y", "--json"]
        outcome = json.loads(served_project.succeed(*command))
        recommended = outcome["recommended"]
        rows = json.loads(served_project.succeed("runs", "--json"))
        numbers = {row["id"]: row["number"] for row in rows}
        assert numbers[recommended["id"]] == recommended["number"]
        assert recommended["sd"] >= 0

    @pytest.mark.parametrize("optimizer", ["auto", "forest", "gbrt", "optuna:tpe", "sobol"])
    def test_every_optimizer_runs_from_the_command_line(
        self, served_project: Any, optimizer: str
    ) -> None:
        command = ["run", "quick.py", "x=[-2.0:2.0]", "noise=[0.1,0.2]", "-m", "5", "-y"]
        served_project.succeed(*command, "-o", optimizer)
        rows = json.loads(served_project.succeed("compare", "--json"))
        assert len(rows) == 5
        assert {row["noise"] for row in rows} <= {0.1, 0.2}


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("dato", "there is nothing of that name"),
        ("../project", "holds the project itself"),
        ("train.py", "holds the script"),
        (".run", "there is nothing|keeps its own files"),
    ],
)
def test_a_link_without_a_place_in_a_run_is_refused_before_anything_runs(
    project: Any, link: str, words: str
) -> None:
    done = project.run("run", "train.py", "-y", "--link", link)
    assert done.returncode == 2
    assert re.search(rf"--link {re.escape(link)}.*({words})", done.stderr)
    assert done.stderr.count("\n") == 1
    assert not project.home.exists()
