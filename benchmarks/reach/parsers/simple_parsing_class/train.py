from dataclasses import dataclass
from simple_parsing import ArgumentParser
@dataclass
class Options:
    lr: float = 0.1  # rate
    layers: int = 2
    amp: bool = False
parser = ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
parser.add_arguments(Options, dest="options")
args = parser.parse_args()
raise SystemExit("trained")
