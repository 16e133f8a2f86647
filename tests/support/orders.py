"""A service as teams have it: logs in, takes JSON, asks a payment service; as Flask and as Quart, in one file each."""

from pathlib import Path

FLASK = """
import os
import time
import requests
from flask import Flask, jsonify, request

app = Flask(__name__)
HTTP = requests.Session()
TOKEN = "let-me-in-7319"

@app.get("/health")
def health():
    return "ok"

@app.post("/login")
def login():
    if request.json["password"] != "s3cret-word":
        return "no", 403
    answer = jsonify(ok=True)
    answer.set_cookie("who", request.json["name"])
    return answer

@app.get("/orders/<number>")
def order(number):
    paid = HTTP.get(f"{os.environ['PAYMENTS_URL']}/payments/{number}", headers=IDS(), timeout=5)
    paid.raise_for_status()
    return jsonify(number=number, paid=paid.json()["paid"])

@app.post("/orders")
def make():
    if request.headers.get("Authorization") != f"Bearer {TOKEN}" or "who" not in request.cookies:
        return "who are you?", 401
    time.sleep(0.02)
    return jsonify(item=request.json["item"], owner=request.cookies["who"]), 201

def IDS():
    return {"X-Request-Id": request.headers["X-Request-Id"]} if os.environ.get("FORWARD") else {}
"""
QUART = """
import asyncio
import os
import aiohttp
from quart import Quart, jsonify, request

app = Quart(__name__)
TOKEN = "let-me-in-7319"

@app.before_serving
async def begin():
    app.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

@app.after_serving
async def end():
    await app.http.close()

@app.get("/health")
async def health():
    return "ok"

@app.post("/login")
async def login():
    told = await request.get_json()
    if told["password"] != "s3cret-word":
        return "no", 403
    answer = jsonify(ok=True)
    answer.set_cookie("who", told["name"])
    return answer

@app.get("/orders/<number>")
async def order(number):
    async with app.http.get(f"{os.environ['PAYMENTS_URL']}/payments/{number}", headers=IDS()) as paid:
        paid.raise_for_status()
        return jsonify(number=number, paid=(await paid.json())["paid"])

@app.post("/orders")
async def make():
    if request.headers.get("Authorization") != f"Bearer {TOKEN}" or "who" not in request.cookies:
        return "who are you?", 401
    await asyncio.sleep(0.02)
    return jsonify(item=(await request.get_json())["item"], owner=request.cookies["who"]), 201

def IDS():
    return {"X-Request-Id": request.headers["X-Request-Id"]} if os.environ.get("FORWARD") else {}
"""
SECRETS = {"ORDERS_TOKEN": "let-me-in-7319", "ORDERS_PASSWORD": "s3cret-word"}
NAMES = "name,number\nada,17\nbob,23\neve,42\n"
CONFIG = """
[upstream]
delay = "fixed:0.02"

[upstream.endpoints.payments]
path = "/payments/{id}"
body = { paid = true }

[scenarios.orders]
data = "names.csv"
setup = [{ method = "POST", path = "/login", body = { name = "{name}", password = "${ORDERS_PASSWORD}" } }]
routes = [
  { name = "read", path = "/orders/{number}", upstream = [["payments"]], expect = { "/paid" = true } },
  { name = "order", method = "POST", path = "/orders", body = { item = "{number}" }, status = 201,
    headers = { Authorization = "Bearer ${ORDERS_TOKEN}" }, upstream = [], expect = "owner" },
]

[lanes.threads]
command = "gunicorn orders_flask:app --bind 127.0.0.1:{port} --threads 8"
env = { PAYMENTS_URL = "{upstream}", FORWARD = "1" }
slots = 8
cwd = "."

[lanes.async]
command = "hypercorn orders_quart:app --bind 127.0.0.1:{port}"
env = { PAYMENTS_URL = "{upstream}" }
cwd = "."

[[primaries]]
lane = "async"
baseline = "threads"
metric = "throughput"

[profiles.quick]
lanes = ["threads", "async"]
scenario = "orders"
points = [4]
blocks = 1
verdict_blocks = 1
window_s = 0.75
calibrate = false
"""


def write_orders(folder: Path) -> Path:
    """Write both apps, their data and a bench.toml without bounds into a folder; return the bench.toml."""
    (folder / "orders_flask.py").write_text(FLASK)
    (folder / "orders_quart.py").write_text(QUART)
    (folder / "names.csv").write_text(NAMES)
    path = folder / "bench.toml"
    # an inline table of TOML 1.0 is one line
    path.write_text(CONFIG.replace(",\n    headers", ", headers"))
    return path
