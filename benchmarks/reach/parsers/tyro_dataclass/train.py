import dataclasses
from typing import Literal
import tyro

@dataclasses.dataclass
class Args:
    data: str
    lr: float = 0.1
    """the rate"""
    steps: int = 100
    norm: bool = True
    name: str = "run"
    seed: int | None = None
    opt: Literal["sgd", "adam"] = "sgd"

args = tyro.cli(Args)
raise SystemExit("trained")
