import enum
from dataclasses import dataclass, field
import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING

class Kind(enum.Enum):
    RELU = 1
    TANH = 2

@dataclass
class Net:
    width: int = 8
    kind: Kind = Kind.RELU

@dataclass
class Config:
    lr: float = 0.1
    net: Net = field(default_factory=Net)
    data: str = MISSING

ConfigStore.instance().store(name="base", node=Config)

@hydra.main(version_base="1.3", config_path=None, config_name="base")
def main(cfg):
    raise SystemExit("trained")

if __name__ == "__main__":
    main()
