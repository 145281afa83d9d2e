import click

@click.group()
@click.option("--quiet", is_flag=True)
def cli(quiet):
    raise SystemExit("began")
@cli.command("train")
@click.option("--lr", default=0.1)
def train_command(lr):
    raise SystemExit("trained")
@cli.group()
def data():
    """Data."""
@data.command()
@click.option("--url", default="x")
def fetch(url):
    raise SystemExit("fetched")
if __name__ == "__main__":
    cli(obj={})
