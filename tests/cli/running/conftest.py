"""A script with options, and the run that a command left in the store."""

import json
from typing import Any

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
