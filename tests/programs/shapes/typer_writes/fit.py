import os
import pathlib
from enum import Enum

import typer

app = typer.Typer()


class Solver(str, Enum):
    adam = "adam"
    sgd = "sgd"


@app.command()
def main(lr: float = 0.02, solver: Solver = Solver.adam, rounds: int = 2):
    out = pathlib.Path("checkpoints")
    out.mkdir(exist_ok=True)
    for number in range(rounds):
        (out / "newest.txt").write_text(f"round {number} rate {lr} in {os.getcwd()}\n")
        print(f"loss: {lr}")


if __name__ == "__main__":
    app()
