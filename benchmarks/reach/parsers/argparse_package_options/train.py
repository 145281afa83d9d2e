from lib.core import run
seed = 1
if __name__ == "__main__":
    run()
raise SystemExit("trained")
