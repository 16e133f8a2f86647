"""One run from beginning to end: what was asked, its session, its turns, its verification."""
