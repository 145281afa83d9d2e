"""A shell of one command, on a terminal of its own; it waits for a line before it ends.

The line ``bg`` is for a command that was stopped: it goes on in the background, until ``fg``.
"""

import fcntl
import os
import signal
import subprocess
import sys
import termios


def main() -> None:
    """Run the command, and bring it to where lines say."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    process = subprocess.Popen(sys.argv[1:], process_group=0)
    os.tcsetpgrp(0, process.pid)
    while True:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        os.tcsetpgrp(0, os.getpid())
        if not os.WIFSTOPPED(status):
            break
        print("stopped.", flush=True)
        if sys.stdin.readline() == "fg\n":
            os.tcsetpgrp(0, process.pid)
        os.killpg(process.pid, signal.SIGCONT)
    print(f"ended {os.waitstatus_to_exitcode(status)}.", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
