from absl import app
import options

def main(_):
    raise SystemExit(f"trained {options.FLAGS.lr}")

if __name__ == "__main__":
    app.run(main)
