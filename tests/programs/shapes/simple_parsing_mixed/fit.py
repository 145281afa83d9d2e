from dataclasses import dataclass

from simple_parsing import ArgumentParser


@dataclass
class Settings:
    """Of the fit."""

    lr: float = 0.02  # of a step
    rounds: int = 2


parser = ArgumentParser()
parser.add_argument("--bar", type=int, default=7, help="of the parser itself")
parser.add_arguments(Settings, dest="settings")
args = parser.parse_args()
print(f"loss: {(args.settings.lr - 0.3) ** 2 + args.bar}")
