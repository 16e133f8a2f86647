"""Asks a server for its health as an orchestrator does, from a process of its own.

Run as a script: `asker.py HOST PORT PATH EVERY_S TIMEOUT_S`. It says `ready`, reads a line `FIRST_S COUNT`, and asks so
often from that moment of CLOCK_MONOTONIC on: each time on a new connection, for at most TIMEOUT_S in all, whatever
became of the question before. Then it prints one line of JSON: a list of [moment, seconds, status or null].

It imports nothing of this package, because it is started before every trial under a fault.
"""

import asyncio
import json
import sys
import time

Answer = tuple[float, float, int | None]


async def ask(host: str, port: int, path: str, moment_s: float, timeout_s: float) -> Answer:
    """Ask at a moment; return when that was, how long it took in seconds, and the status: None without an answer."""
    await asyncio.sleep(moment_s - time.monotonic())
    began_s, status = time.monotonic(), None
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
                status = int((await reader.readline()).split()[1])
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError, IndexError):
        status = None
    return began_s, time.monotonic() - began_s, status


async def main() -> None:
    """Ask as often as the line on stdin says, and print the answers."""
    host, port, path, every_s, timeout_s = sys.argv[1:]
    print("ready", flush=True)
    first_s, count = sys.stdin.readline().split()
    moments = (float(first_s) + number * float(every_s) for number in range(int(count)))
    print(json.dumps(await asyncio.gather(*(ask(host, int(port), path, at_s, float(timeout_s)) for at_s in moments))))


if __name__ == "__main__":
    asyncio.run(main())
