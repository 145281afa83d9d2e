import click


@click.group()
@click.option("--loud", is_flag=True)
def tool(loud):
    pass


@tool.command()
@click.option("--lr", default=0.02)
def fit(lr):
    print(f"loss: {(lr - 0.3) ** 2}")


@tool.command()
@click.option("--weights", default="w")
def check(weights):
    pass


if __name__ == "__main__":
    tool()
