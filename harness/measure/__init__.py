"""The edge: processes, sockets and clocks of a trial."""
