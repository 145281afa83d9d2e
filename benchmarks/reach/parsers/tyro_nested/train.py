import dataclasses
import tyro

@dataclasses.dataclass(frozen=True)
class Optimizer:
    lr: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)

@dataclasses.dataclass
class Model:
    width: int = 8

@dataclasses.dataclass
class Args:
    optimizer: Optimizer = Optimizer()
    model: Model = dataclasses.field(default_factory=Model)

def main(args: Args) -> None:
    raise SystemExit("trained")

if __name__ == "__main__":
    main(tyro.cli(Args))
