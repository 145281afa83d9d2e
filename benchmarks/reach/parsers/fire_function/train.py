import fire

def train(data: str, lr: float = 0.1, widths: list = [8, 8], norm=True, seed: int | None = None):
    """Train.

    Args:
        data: Where the data lies.
        lr: The rate.
    """
    raise SystemExit("trained")

if __name__ == "__main__":
    fire.Fire(train)
