from jsonargparse import auto_cli


def fit(lr: float = 2e-3, units: int = 32, epochs: int = 1):
    """Fit the model."""
    loss = (lr - 0.3) ** 2
    bar = "Epoch 1: 100%|##########| 5/5 [00:00<00:00, 100.00it/s, v_num=0,"
    print(f"{bar} train_loss={loss:.3f}, val_loss={loss:.3f}]")
    print(f"loss: {loss}")


def check(weights: str = ""):
    """Check the model."""


if __name__ == "__main__":
    auto_cli([fit, check])
