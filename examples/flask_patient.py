"""The same control for threads: the Flask app with a garbage collector that runs seldom.

`gunicorn examples.flask_patient:app --threads 300`; why it may matter says `examples/quart_patient.py`.
"""

import gc

from flask_app.app import app

__all__ = ["app"]

gc.set_threshold(50_000)
