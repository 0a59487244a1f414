"""Runs one program, and ends it when whoever started this has gone: `python keeper.py COMMAND...`.

Standard input is the lifeline: it closes when its holder closes it, and also when the holder is killed. No
signal does as much: one to the holder reaches its children only when they share a terminal.
"""

import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 10.0


def main(command: list[str]) -> int:
    """The program's exit status; that of a program ended by a signal is as a shell tells it."""
    # Ctrl-C on the terminal is the holder's affair: it closes the lifelines in the right order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(error, file=sys.stderr)
        return 127
    threading.Thread(target=_end_with_the_lifeline, args=(program,), daemon=True).start()
    status = program.wait()
    return status if status >= 0 else 128 - status


def _end_with_the_lifeline(program: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1):
        pass
    program.terminate()
    try:
        program.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
