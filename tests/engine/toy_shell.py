"""A shell of one command, on a terminal of its own; it waits for a line before it ends."""

import fcntl
import signal
import subprocess
import sys
import termios

if __name__ == "__main__":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, lambda _number, _frame: None)  # for the command alone
    code = subprocess.run(sys.argv[1:], check=False).returncode
    print(f"ended {code}.", flush=True)
    sys.stdin.readline()
