from dataclasses import dataclass
from jsonargparse import ActionYesNo, ArgumentParser
@dataclass
class Optimizer:
    lr: float = 0.1
    betas: tuple[float, float] = (0.9, 0.999)
parser = ArgumentParser()
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--amp", action=ActionYesNo, default=False)
parser.add_class_arguments(Optimizer, "optimizer")
config = parser.parse_args()
raise SystemExit("trained")
