"""A document in blocks: what a run or a comparison says, drawn alike in a terminal, in Markdown and on a page."""
