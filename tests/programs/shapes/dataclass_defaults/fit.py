from dataclasses import dataclass


@dataclass
class FitConfig:
    size = 32
    rounds: int = 2
    learning_rate: float = 2e-2
    out: str = "out"


config = FitConfig()
print(f"loss: {(config.learning_rate - 0.3) ** 2}")
