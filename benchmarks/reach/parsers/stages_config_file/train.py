import argparse


config_parser = parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("-c", "--config", default="", type=str)
parser = argparse.ArgumentParser()
group = parser.add_argument_group("Optimizer")
group.add_argument("--lr", type=float, default=0.1)
group.add_argument("--sched", type=str, default="cosine", choices=("cosine", "step"))
group.add_argument("--epochs", type=int, default=int(3e2))
def _parse_args():
    args_config, remaining = config_parser.parse_known_args()
    if args_config.config:
        raise SystemExit("no file")
    args = parser.parse_args(remaining)
    return args
def main():
    args = _parse_args()
    raise SystemExit("trained")
if __name__ == "__main__":
    main()
raise SystemExit("trained")
