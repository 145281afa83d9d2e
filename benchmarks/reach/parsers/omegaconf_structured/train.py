import sys
from dataclasses import dataclass
from omegaconf import MISSING, OmegaConf

@dataclass
class Config:
    lr: float = 0.1
    steps: int = 100
    data: str = MISSING

schema = OmegaConf.structured(Config)
conf = OmegaConf.merge(schema, OmegaConf.from_cli(sys.argv[1:]))
raise SystemExit("trained")
