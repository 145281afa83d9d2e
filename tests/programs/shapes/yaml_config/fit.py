import argparse

import yaml

parser = argparse.ArgumentParser()
parser.add_argument("-c", "--config", default="settings.yaml", type=str)
parser.add_argument("-r", "--resume", default=None)
args = parser.parse_args()
with open(args.config) as file:
    config = yaml.safe_load(file)
rate = config["solver"]["args"]["lr"]
print("    epoch          : 1")
print(f"    loss           : {(rate - 0.3) ** 2}")
print("    val_loss       : 1.5")
