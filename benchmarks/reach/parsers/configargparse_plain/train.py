import configargparse
parser = configargparse.ArgParser(default_config_files=["~/.none.ini"])
parser.add("-c", "--config", is_config_file=True)
parser.add("--lr", type=float, default=0.1, env_var="LR")
parser.add("--tags", nargs="*", default=["a"])
args = parser.parse_args()
raise SystemExit("trained")
