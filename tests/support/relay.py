"""What `ssh -R` is to the stand-in for ssh: `relay.py PORT PID FILE`, a loopback port that leads out of a namespace.

The port is listened on in the network namespace of PID, and leads to the same port here. It goes to the background,
leaves its pid in FILE, and ends with PID, or with the process that asked for it, as ssh's own does whose master ends.
"""

import contextlib
import ctypes
import os
import socket
import sys
import threading
from pathlib import Path

CLONE_NEWNET = 0x40000000
LOOK_S = 0.5


def main() -> None:
    """Listen there, go to the background, and lead every connection here."""
    port, pid, file, asked = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), os.getppid()
    ours, theirs = (os.open(f"/proc/{which}/ns/net", os.O_RDONLY) for which in ("self", pid))
    _enter(theirs)
    listening = socket.create_server(("127.0.0.1", port))  # a socket stays in the namespace that it was made in
    _enter(ours)
    if os.fork():
        return
    os.setsid()
    file.write_text(str(os.getpid()))
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    listening.settimeout(LOOK_S)
    while all(Path(f"/proc/{alive}").exists() for alive in (pid, asked)):
        with contextlib.suppress(OSError):
            there, _ = listening.accept()
            here = socket.create_connection(("127.0.0.1", port))
            for one, other in ((there, here), (here, there)):
                threading.Thread(target=_copy, args=(one, other), daemon=True).start()


def _enter(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _copy(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main()
