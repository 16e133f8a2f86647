"""What both apps must serve (openapi.yaml), and what makes the one app.py the twin of the other (mirror.py)."""
