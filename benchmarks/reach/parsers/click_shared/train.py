import click

def shared(function):
    for name, value in dict(lr=0.1, wd=0.0).items():
        function = click.option("--" + name, default=value)(function)
    return function
@click.command()
@shared
def main(**options):
    raise SystemExit("trained")
main(standalone_mode=False)
