"""Single requests on one clock, as pictures and as a trace: three that arrive together, and those of a run."""
