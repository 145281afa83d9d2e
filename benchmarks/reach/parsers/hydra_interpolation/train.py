from hydra import main

@main(version_base=None, config_path=".", config_name="config")
def run(cfg):
    raise SystemExit("trained")

if __name__ == "__main__":
    run()
