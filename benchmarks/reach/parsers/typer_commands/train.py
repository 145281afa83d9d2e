import typer
from typing import Annotated, Optional

app = typer.Typer()
data = typer.Typer()
@app.callback()
def top(quiet: bool = False):
    raise SystemExit("began")
@app.command()
def train(lr: float = 0.1, out: Annotated[str, typer.Argument()] = "out"):
    raise SystemExit("trained")
@data.command()
def fetch(n: Annotated[int, typer.Option("-n")] = 3):
    raise SystemExit("fetched")
@data.command()
def drop():
    raise SystemExit("dropped")
app.add_typer(data, name="data")
app()
