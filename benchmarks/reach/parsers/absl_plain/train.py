from absl import app, flags
FLAGS = flags.FLAGS
flags.DEFINE_float("lr", 0.1, "Rate.", lower_bound=0.0)
flags.DEFINE_integer("steps", 100, "Steps.")
flags.DEFINE_boolean("norm", True, "Normalize.")
flags.DEFINE_string("name", "run", "Name.")
flags.DEFINE_enum("opt", "sgd", ["sgd", "adam"], "Optimizer.")

def main(argv):
    raise SystemExit("trained")

if __name__ == "__main__":
    app.run(main)
