"""What the kernel says of a listening socket, and one that answers no connection."""

import contextlib
import ctypes
import socket
import struct

SOCK_DIAG, DIAG_BY_FAMILY, REQUEST_DUMP = 4, 20, 0x301  # NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_*
SO_ATTACH_FILTER, RETURN = 26, 6  # asm-generic/socket.h; BPF_RET | BPF_K of linux/bpf_common.h
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


def drop_what_arrives(listener: socket.socket) -> None:
    """Let nothing reach a socket: an attempt to connect gets no answer (socket(7), SO_ATTACH_FILTER).

    A queue that is full would do, but counts as overflow for every trial that runs at the time.
    """
    program = ctypes.create_string_buffer(struct.pack("=HBBI", RETURN, 0, 0, 0))  # of no byte: drop
    listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", 1, ctypes.addressof(program)))
