"""A control: the Quart app with a garbage collector that runs seldom, so that its usual cost shows.

`hypercorn examples.quart_patient:app`. CPython looks at its young objects whenever there are some hundred more. What
outlives two such looks counts as old, and many old ones call for a look at every object there is.
"""

import gc

from quart_app.app import app

__all__ = ["app"]

gc.set_threshold(50_000)
