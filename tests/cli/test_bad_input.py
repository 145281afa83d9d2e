import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def refusal(project: Any, *arguments: str) -> tuple[int, str]:
    """Return the exit code and the one line that a wrong command gets."""
    done = project.run(*arguments)
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.returncode, lines[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["run"], "no script was named", id="no script"),
        pytest.param(["run", "trian.py"], "trian.py", id="missing script"),
        pytest.param(["run", "x=1"], "name the script before its flags", id="flag first"),
        pytest.param(["run", "quick.py", "xx=1"], "Did you mean 'x'?", id="unknown flag"),
        pytest.param(["run", "quick.py", "x"], "x", id="no equals sign"),
        pytest.param(["run", "quick.py", "x=hello"], "expected a number", id="text for a number"),
        pytest.param(["run", "quick.py", "x=[2.0:-2.0]"], "less than", id="wrong range"),
        pytest.param(["run", "quick.py", "x=linspace[1]"], "linspace", id="wrong arguments"),
        pytest.param(["run", "quick.py", "x=linspce[1:2]"], "linspace", id="unknown function"),
        pytest.param(["run", "quick.py", "x=[1:2]", "-o", "pg"], "gp", id="unknown optimizer"),
        pytest.param(
            ["run", "quick.py", "x=[1:2]", "-o", "gp", "-Fo", "kapa=1"], "kappa", id="its flag"
        ),
        pytest.param(["run", "quick.py", "-o", "gp"], "nothing to search", id="nothing to search"),
        pytest.param(["run", "quick.py", "x=[1:2]", "-o", "grid"], "linspace", id="grid of range"),
        pytest.param(["run", "quick.py", "x=[1:2]", "-m", "0"], "1 or more", id="no trials"),
        pytest.param(["run", "quick.py", "x=[1,2]", "-j", "0"], "1 or more", id="no jobs"),
        pytest.param(
            ["run", "quick.py", "x=[1:2]", "--cost", "seconds"],
            "--cost seconds is not for optimizer random, which looks at no seconds: take "
            "--optimizer gp",
            id="cost of a random search",
        ),
        pytest.param(
            ["run", "quick.py", "x=[1:2]", "--cost", "minutes"], "seconds", id="unit of cost"
        ),
        pytest.param(
            ["run", "--prune", "bold", "quick.py"], "behind =, as in --prune=bold", id="rule"
        ),
        pytest.param(["run", "--prune=blod", "quick.py"], "Did you mean 'bold'?", id="no rule"),
        pytest.param(["run", "--prune=after:5", "quick.py"], "after:N:K", id="half a rule"),
        pytest.param(
            ["run", "quick.py", "x=[1,2]", "--prune", "-N", "mean loss"],
            "cannot judge a trial by mean loss before its end",
            id="rule without a value to judge",
        ),
        pytest.param(
            ["run", "quick.py", "x=[1,2]", "--prune-after", "-2"], "0 or more", id="points"
        ),
        pytest.param(["run", "quick.py", "--timeout", "soon"], "duration", id="time"),
        pytest.param(
            ["run", "quick.py", "x=[1,2]", "-X", "a", "-X", "a"],
            "a is named as an objective twice: name it once",
            id="one to maximize twice",
        ),
        pytest.param(
            ["run", "quick.py", "x=[1:2]", "-o", "forest", "-X", "a", "-N", "b"],
            "optimizer forest takes one objective, and 2 were named (maximize a, minimize b): "
            "take one of gp, ",
            id="an optimizer of one objective",
        ),
        pytest.param(
            ["run", "quick.py", "x=[1:2]", "-X", "a", "-N", "b", "--prune"],
            "name the one that decides, as in --prune-on a",
            id="pruning by several",
        ),
        pytest.param(
            ["run", "quick.py", "x=[1:2]", "--objectives", "loss"],
            "begin with minimize or maximize, as in minimize loss",
            id="no direction",
        ),
        pytest.param(
            ["run", "quick.py", "x=[1,2]", "--output-scalars", "loss=("],
            "--output-scalars 'loss=(' is not a regular expression",
            id="no pattern",
        ),
        pytest.param(
            ["run", "quick.py", "--output-scalars", "loss"], "captures no scalar", id="no value"
        ),
        pytest.param(["run", "quick.py", "@none.csv"], "none.csv", id="missing batch file"),
    ],
)
def test_a_wrong_command_gets_one_clear_line_and_exit_2(
    project: Any, arguments: list[str], message: str
) -> None:
    code, line = refusal(project, *arguments, "--yes")
    assert code == 2
    assert message in line
    assert not project.home.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["worker", "--jobs", "x"], "'x': expected a whole number, 1 or more"),
        (["worker", "--jobs", "0"], "'0': expected a whole number, 1 or more"),
        (["tensorboard", "--port", "70000"], "'70000': expected a whole number, 0 to 65535"),
    ],
    ids=["no number", "too small", "too large"],
)
def test_a_number_that_is_none_or_out_of_bounds_is_told_with_its_bounds(
    project: Any, arguments: list[str], message: str
) -> None:
    code, line = refusal(project, *arguments)
    assert code == 2
    assert line.endswith(message)


def test_a_script_with_a_syntax_error_is_named_with_its_line(project: Any) -> None:
    project.write("broken.py", "x = 1\nprint('loss: 1'\n")
    code, line = refusal(project, "run", "broken.py", "x=[1,2]", "--yes")
    assert code == 2
    assert "broken.py" in line
    assert "line 2" in line


def test_an_argument_that_is_no_text_is_refused(project: Any) -> None:
    code, line = refusal(project, "run", "quick.py", "--label", "caf\udce9", "--yes")
    assert code == 2
    assert "'caf\\udce9' is not UTF-8 text" in line


def test_without_a_terminal_the_question_is_a_usage_error_with_a_hint(project: Any) -> None:
    code, line = refusal(project, "run", "quick.py", "x=1")
    assert code == 2
    assert "--yes" in line
    assert not project.home.exists()


def test_a_script_that_fails_shows_its_output_and_exits_with_1(project: Any) -> None:
    project.write("fail.py", "x = 1\nprint('before')\nraise MemoryError('too big')\n")
    done = project.run("run", "fail.py", "--yes")
    assert done.returncode == 1
    assert "before" in done.stdout
    assert "MemoryError: too big" in done.stdout
    assert "error: fail.py ended with exit 1" in done.stderr
    assert "error" in project.succeed("runs")


def test_a_script_that_hangs_is_ended_by_the_timeout(project: Any) -> None:
    project.write("hang.py", "import signal\nx = 1\nsignal.pause()\n")
    done = project.run("run", "hang.py", "--yes", "--timeout", "0.5s")
    assert done.returncode == 1
    assert "timed out after 0.5 s" in done.stderr
    assert "terminated" in project.succeed("runs")


def test_a_script_that_prints_nothing_completes_without_an_objective(project: Any) -> None:
    project.write("silent.py", "x = 1\n")
    project.succeed("run", "silent.py", "--yes")
    assert "completed" in project.succeed("runs")
    assert "loss" not in project.succeed("compare", "--table")


def test_nan_is_kept_and_sorted_last(project: Any) -> None:
    project.write("maybe.py", "x = 1.0\nprint('loss:', float('nan') if x > 1 else x)\n")
    for value in ("2", "1"):
        project.succeed("run", "maybe.py", f"x={value}", "--yes")
    for order in ("--min", "--max"):
        rows = project.succeed("compare", "--table", order, "loss").splitlines()
        assert rows[-1].split()[1] == "nan"


def test_a_home_that_cannot_be_made_is_refused_with_what_to_do(project: Any) -> None:
    code, line = refusal(project, "run", "quick.py", "x=1", "--yes", "--home", "/proc/nowhere")
    assert code == 1
    assert "/proc/nowhere" in line


@pytest.mark.tools
def test_a_full_disk_is_one_clear_line_and_what_finished_is_kept(
    project: Any, small_disk: Path
) -> None:
    home = ["--home", str(small_disk)]
    project.succeed("run", "quick.py", "x=1", "--yes", *home)
    (small_disk / "ballast").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 4096))
    code, line = refusal(project, "run", "quick.py", "x=2", "--yes", *home)
    assert code == 1
    assert "the disk is full" in line
    assert f"free some space on {small_disk}" in line
    (small_disk / "ballast").unlink()
    (run,) = json.loads(project.succeed("runs", "--json", "--completed", *home))
    assert run["flags"]["x"] == 1


@pytest.mark.tools
def test_a_read_only_disk_is_one_clear_line_and_can_be_looked_at(
    project: Any, small_disk: Path
) -> None:
    home = ["--home", str(small_disk)]
    project.succeed("run", "quick.py", "x=1", "--yes", *home)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    code, line = refusal(project, "run", "quick.py", "x=2", "--yes", *home)
    assert code == 1
    assert "read-only" in line
    assert "completed" in project.succeed("runs", *home)


def test_a_corrupt_part_is_named_and_the_rest_is_shown(project: Any) -> None:
    for value in ("1", "2"):
        project.succeed("run", "quick.py", f"x={value}", "--yes")
    part = sorted(project.home.glob("parts/*/*.parquet"))[0]
    part.chmod(0o600)
    part.write_bytes(part.read_bytes()[:100])
    (project.home / "cache" / "index-v1.sqlite").unlink()
    done = project.run("runs")
    assert done.returncode == 0
    assert part.name in done.stderr
    assert len(done.stdout.splitlines()) >= 1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["import"], id="import"),
        pytest.param(["export", "-o"], id="export"),
        pytest.param(["compare", "--csv"], id="csv"),
        pytest.param(["tensorboard", "--export"], id="tensorboard"),
        pytest.param(["report", "-o"], id="report"),
    ],
)
def test_a_file_whose_name_is_too_long_is_no_bug_of_ours(
    project: Any, arguments: list[str]
) -> None:
    assert project.run("run", "quick.py", "--yes").returncode == 0
    name = "n" * 300 + ".html"
    done = project.run(*arguments, name)
    assert done.returncode != 0
    assert "internal error" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_long_label_or_tag_does_not_fill_the_terminal(project: Any) -> None:
    assert project.run("run", "quick.py", "--yes").returncode == 0
    for arguments in (["label", "--set"], ["tag", "--add"]):
        done = project.run(*arguments, "n" * 10_000)
        assert done.returncode == 0
        assert "(10000 characters" in done.stderr
        assert len(done.stdout + done.stderr) < 1000
