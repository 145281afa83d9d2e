"""Batches that repeat candidates, with a real server: runs, views, kills, restarts."""

import json
import re
from typing import Any

import pytest

from tests.flows.test_kill import kill_after

pytestmark = pytest.mark.server

NOISY = """\
import argparse, os, random
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float, default=0.0)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()
with open(os.environ.get("DIARY", os.devnull), "a") as diary:
    diary.write(f"{args.x} {args.seed}\\n")
noise = random.Random(f"{args.x} {args.seed}").gauss(0, 0.1)
print("loss:", (args.x - 0.5) ** 2 + noise)
"""
SEARCH = ["x=[-1.0:1.0]", "-o", "gp", "--random-seed", "3", "--yes"]


def runs_of(project: Any, batch: str) -> list[dict[str, Any]]:
    """Return the runs of a batch by number, without what differs between two of the same."""
    columns = "number,=x,=seed,loss,.origin,.status"
    rows = json.loads(project.succeed("compare", batch, "--json", "--columns", columns))
    return sorted(rows, key=lambda row: int(row["number"]))


def test_every_view_has_one_row_for_each_candidate(served_project: Any) -> None:
    served_project.write("noisy.py", NOISY)
    told = served_project.succeed("run", "noisy.py", "x=[0,1]", "--repeats", "3", "--yes")
    assert re.search(r"best: +loss \S+ ± \S+ \(3\)  x=\S+  trial [14] ", told)
    assert " % that it is the best of 2 candidates" in told
    table = served_project.succeed("compare", "noisy.py+", "--table").splitlines()
    assert len(table) == 3
    assert "mean of" in table[0]
    assert "seed" not in table[0]
    assert all("(3)" in line for line in table[1:])
    runs = served_project.succeed("compare", "noisy.py+", "--table", "--all-runs").splitlines()
    assert len(runs) == 7
    values = served_project.succeed("compare", "noisy.py+", "--columns", "loss", "--csv", "-")
    lowest = min(values.splitlines()[1:], key=float)
    few = ["compare", "noisy.py+", "--filter", f"loss <= {lowest}", "--table", "--columns"]
    filtered = served_project.succeed(*few, "loss,.status").splitlines()
    assert len(filtered) == 2  # the candidate of that run, with the mean of all of its own
    assert lowest[:6] not in filtered[1]
    assert "completed" in filtered[1]
    report = served_project.succeed("report", "noisy.py+", "-o", "-")
    assert "| trial | run | status | loss | runs | x |" in report
    assert "--repeats 3" in report
    page = json.loads(served_project.succeed("runs", "info", "noisy.py+", "--json"))
    assert page["repeats"] == "3"
    assert page["expected"]["candidates"] == 2
    assert page["progress"]["counts"] == {"completed": 6}


def test_the_flag_that_counts_runs_cannot_be_set_as_well(served_project: Any) -> None:
    served_project.write("noisy.py", NOISY)
    refused = served_project.run("run", "noisy.py", "seed=7", "--repeats", "3", "--yes")
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: seed is set, and --repeats makes it 1, 2, 3, …")
    over = served_project.run("run", "noisy.py", "--repeat-over", "fold", "--yes")
    assert "--repeat-over fold: noisy.py has no such flag; its flags are x, seed" in over.stderr


def test_one_setting_is_repeated(served_project: Any) -> None:
    served_project.write("noisy.py", NOISY)
    told = json.loads(
        served_project.succeed("run", "noisy.py", "x=1", "--repeats", "2", "--yes", "--json")
    )
    assert told["counts"] == {"completed": 2}
    assert told["best"]["runs"] == [1, 2]
    more = served_project.run("run", "--restart", told["id"], "-m", "1", "--yes")
    assert more.returncode == 0


@pytest.mark.kill
@pytest.mark.parametrize("repeats", ["3", "auto:3"])
def test_a_killed_batch_ends_as_one_that_was_not(served_project: Any, repeats: str) -> None:
    served_project.write("noisy.py", NOISY)
    diary = served_project.path.parent / "diary"
    n = "5" if repeats == "3" else "15"
    words = ["run", "noisy.py", *SEARCH, "--repeats", repeats, "-m", n]
    whole = json.loads(served_project.succeed(*words, "--json"))["id"]
    killed = served_project.succeed(*words, "--no-start", "--quiet").strip()
    for delay_s in (1.5, 2.0, 2.5):
        kill_after(served_project, ["run", "--restart", killed, "--yes"], delay_s, diary)
    served_project.run("run", "--restart", killed, "--yes")
    expected = runs_of(served_project, whole)
    assert len(expected) == 15
    assert runs_of(served_project, killed)[:15] == expected


EVERYTHING = """\
import argparse, math, os, random
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--width", type=int, default=8)
parser.add_argument("--kernel", default="linear")
parser.add_argument("--degree", type=int, default=3)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()
degree = args.degree if args.kernel == "poly" else 0
with open(os.environ.get("DIARY", os.devnull), "a") as diary:
    diary.write(f"{args}\\n")
noise = random.Random(str(args)).gauss(0, 0.05)
print("loss:", (math.log10(args.lr) + 2.3) ** 2 + 4 / args.width + 0.05 * degree + noise)
print("size:", args.width * (1 + degree))
print("latency:", 2 * args.width + noise)
"""
OLD = "lr,width,kernel,degree,loss,size,latency\n" + "".join(
    f"1e-{k % 5 + 1},{2 + 3 * k},{'linear' if k % 2 else 'poly'},{2 + k % 5},"
    f"{(k % 5 - 1.3) ** 2 + 4 / (2 + 3 * k)},{2 + 3 * k},{4 + 6 * k}\n"
    for k in range(12)
)
EVERY_OPTION = (
    *("lr=loguniform[1e-5:1e-1]~1e-3", "width=[2:64]", "kernel=[linear,poly]"),
    *('degree=[2:6] if kernel == "poly"', "--minimize", "loss", "--minimize", "size"),
    *("--subject-to", "latency <= 90", "--where", "width * lr <= 3", "--repeats", "2"),
    *("--first", "defaults", "--first", "lr=3e-4,width=16", "--learn-from", "old.csv"),
    *("-o", "gp", "--random-seed", "7", "-m", "8"),
)


@pytest.mark.kill
def test_a_search_with_every_option_ends_as_one_that_was_not_killed(served_project: Any) -> None:
    served_project.write("every.py", EVERYTHING)
    served_project.write("old.csv", OLD)
    words = ["run", "every.py", *EVERY_OPTION, "--yes"]
    whole = json.loads(served_project.succeed(*words, "--json"))["id"]
    killed = served_project.succeed(*words, "--no-start", "--quiet").strip()
    served_project.write("old.csv", OLD.replace("poly", "linear"))  # it has been read
    diary = served_project.path.parent / "diary"
    for delay_s in (2.0, 3.0, 4.0):
        kill_after(served_project, ["run", "--restart", killed, "--yes"], delay_s, diary)
    served_project.run("run", "--restart", killed, "--yes")
    columns = "number,=lr,=width,=kernel,=degree,=seed,loss,size,latency,.origin,.status"
    rows = [
        json.loads(
            served_project.succeed("compare", one, "--all-runs", "--json", "--columns", columns)
        )
        for one in (whole, killed)
    ]
    assert len(rows[0]) == 16
    assert rows[0] == rows[1]
