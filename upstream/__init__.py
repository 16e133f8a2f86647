"""The slow upstream that both apps call: an oracle whose delays are known before they are measured.

`python -m upstream` serves the calls `/location/{country}/{zip_code}`, `/sun?latitude=..&longitude=..` and
`/weather/{country}/{zip_code}` (places.py), which wait by a seeded law (delays.py, luck.py) and may meet faults
(faults.py); /health; and /control/ with stats, calls, delays, reset and faults (control.py).
`make study NAME=in-flight` shows how late it answers.
"""
