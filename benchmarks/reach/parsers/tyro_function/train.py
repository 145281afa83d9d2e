import tyro

def main(lr: float = 0.1, batch_size: int = 32, widths: tuple[int, ...] = (8, 8)) -> None:
    """Train.

    Args:
        lr: The rate.
    """
    raise SystemExit("trained")

if __name__ == "__main__":
    tyro.cli(main)
