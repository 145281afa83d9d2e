import typer
from typing import Annotated, Optional

from enum import Enum
app = typer.Typer()
class Opt(str, Enum):
    adam = "adam"
    sgd = "sgd"
@app.command()
def main(data: str, opt: Opt = Opt.adam, layers: list[int] = [8], lr: Annotated[float, typer.Option("--lr", "-l")] = 0.1):
    raise SystemExit("trained")
if __name__ == "__main__":
    app()
