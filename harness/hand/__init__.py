"""Another machine of a run: a hand there, and what reaches it from here."""
