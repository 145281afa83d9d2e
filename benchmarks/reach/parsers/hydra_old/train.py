import hydra

@hydra.main(config_path="configs", config_name="train.yaml", version_base="1.1")
def main(cfg):
    raise SystemExit("trained")

if __name__ == "__main__":
    main()
