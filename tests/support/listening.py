"""What the kernel says of a listening socket."""

import contextlib
import socket
import struct

SOCK_DIAG, DIAG_BY_FAMILY, REQUEST_DUMP = 4, 20, 0x301  # NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_*
HEADER, LISTEN = struct.Struct("=IHHII"), 10
REQUEST = struct.Struct("=BBBxI48x")  # struct inet_diag_req_v2: family, protocol, extensions, states
MESSAGE = struct.Struct("=4x2s46xIII")  # struct inet_diag_msg: port, ..., expires, rqueue, wqueue


def backlog(port: int) -> int:
    """Return the backlog of the IPv4 socket that listens on a port, as `ss -ltn` does (Send-Q); unprivileged."""
    body = REQUEST.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 1 << LISTEN)
    with contextlib.closing(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, SOCK_DIAG)) as kernel:
        kernel.settimeout(5)
        kernel.send(HEADER.pack(HEADER.size + len(body), DIAG_BY_FAMILY, REQUEST_DUMP, 1, 0) + body)
        while True:
            received = kernel.recv(1 << 17)
            while received:
                length, kind, *_ = HEADER.unpack_from(received)
                if kind != DIAG_BY_FAMILY:
                    raise LookupError(f"nothing listens on port {port}")
                found, _, _, wqueue = MESSAGE.unpack_from(received, HEADER.size)
                if int.from_bytes(found, "big") == port:
                    return int(wqueue)
                received = received[(length + 3) & ~3 :]
