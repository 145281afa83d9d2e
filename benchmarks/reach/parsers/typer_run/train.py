import typer
from typing import Annotated, Optional

def main(lr: float = 0.1, epochs: int = 3, name: str = "run", amp: bool = False, seed: Optional[int] = None):
    raise SystemExit("trained")
if __name__ == "__main__":
    typer.run(main)
