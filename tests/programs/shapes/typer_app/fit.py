from enum import Enum
from typing import Annotated, Optional

import typer

app = typer.Typer()


class Solver(str, Enum):
    adam = "adam"
    sgd = "sgd"


@app.command()
def main(
    lr: float = 0.02,
    rounds: Annotated[int, typer.Option(help="How many", min=1)] = 2,
    solver: Solver = Solver.adam,
    mixed: bool = True,
    seed: Optional[int] = None,
):
    print(f"loss: {(lr - 0.3) ** 2}")
    print(f"is_mixed: {int(mixed)}")


if __name__ == "__main__":
    app()
