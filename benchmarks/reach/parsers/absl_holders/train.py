from absl import app, flags
_LR = flags.DEFINE_float("lr", 0.1, "Rate.", short_name="l")
_WIDTHS = flags.DEFINE_list("widths", ["64", "64"], "Widths.")
_DATA = flags.DEFINE_string("data", None, "Data.", required=True)
_SEEDS = flags.DEFINE_multi_integer("seeds", [1, 2], "Seeds.")

def main(_):
    raise SystemExit(f"trained {_LR.value}")

if __name__ == "__main__":
    app.run(main)
