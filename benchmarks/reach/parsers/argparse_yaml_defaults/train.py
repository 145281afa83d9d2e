import argparse

parser = argparse.ArgumentParser()

import json
from pathlib import Path
known = json.loads(Path(__file__).with_name("defaults.json").read_text())
for name, value in known.items():
    parser.add_argument(f"--{name}", type=type(value), default=value)
args = parser.parse_args()
raise SystemExit("trained")
