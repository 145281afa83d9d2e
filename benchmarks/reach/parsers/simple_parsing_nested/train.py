from dataclasses import dataclass, field
import simple_parsing
@dataclass
class Optimizer:
    lr: float = 0.1
@dataclass
class Config:
    optimizer: Optimizer = field(default_factory=Optimizer)
    epochs: int = 3
config = simple_parsing.parse(Config)
raise SystemExit("trained")
