from dataclasses import dataclass

import tyro


@dataclass
class Settings:
    title: str = "agent"
    """what the run is called"""
    learning_rate: float = 3e-4
    """of the policy"""
    worlds: int = 2
    anneal: bool = True
    """whether the rate falls"""


if __name__ == "__main__":
    settings = tyro.cli(Settings)
    for step in range(3):
        reward = 50 - (settings.learning_rate - 0.3) ** 2
        print(f"global_step={step * 50}, episodic_return={reward}")
        print("SPS:", 900 + step)
    print(f"anneals: {int(settings.anneal)}")
