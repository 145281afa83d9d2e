import dataclasses
import tyro

@dataclasses.dataclass
class Train:
    lr: float = 0.1

@dataclasses.dataclass
class Test:
    path: str = "best"

args = tyro.cli(Train | Test)
raise SystemExit("trained")
