"""Git, asked about a folder: which repository it is in, and what is in it."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

GIT_S = 5.0
"""Seconds to wait for git: it may be on a slow network disk."""
_OTHER_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git sets for its hooks and aliases, for which it would list another repository."""


def ask_git(folder: Path, *words: str) -> bytes:
    """Return what git prints in a folder.

    Raises:
        TimeoutExpired: It takes too long; it and its child processes are ended.
        CalledProcessError: The folder is in no repository.
        OSError: Git is not installed.
    """
    [out] = ask_git_at_once(folder, words)
    return out


def ask_git_at_once(folder: Path, *questions: Sequence[str]) -> list[bytes]:
    """Return what git prints for each of several questions, which run beside each other.

    Args:
        folder: Where git is asked.
        *questions: The words of each.

    Raises:
        TimeoutExpired: One takes too long; all are ended, with their child processes.
        CalledProcessError: The folder is in no repository.
        OSError: Git is not installed.
    """
    own = {name: text for name, text in os.environ.items() if name not in _OTHER_REPOSITORY}
    with ExitStack() as started:
        processes = [started.enter_context(_started(folder, one, own)) for one in questions]
        answers = [git.communicate(timeout=GIT_S)[0] for git in processes]
    for git in processes:
        if git.returncode:
            raise subprocess.CalledProcessError(git.returncode, git.args)
    return answers


@contextmanager
def _started(
    folder: Path, words: Sequence[str], environment: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        ["git", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as git:
        try:
            yield git
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(git.pid, signal.SIGKILL)
            raise


def commit_of(folder: Path) -> str:
    """Return the commit that is checked out, and how many tracked files below a folder differ.

    A text for people; that there is no repository is said as well. Empty if git does not answer.
    """
    try:
        out = ask_git(
            folder,
            "--no-optional-locks",
            "status",
            "--porcelain=v2",
            "--branch",
            "-uno",
            "--",
            ".",
        )
    except subprocess.CalledProcessError:
        return "none, in no git repository"
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = out.decode(errors="replace").splitlines()
    commit = next((line.split()[2] for line in lines if line.startswith("# branch.oid ")), "")
    n_changed = sum(not line.startswith("#") for line in lines)
    if commit == "(initial)":
        return "none yet"
    files = "1 changed file" if n_changed == 1 else f"{n_changed} changed files"
    return f"{commit} and {files}" if n_changed else commit
