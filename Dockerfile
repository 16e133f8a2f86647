# One image for every part: the code, and the packages of requirements.lock with their hashes. compose.yaml uses it.
FROM python:3.11-slim
WORKDIR /project
COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY flask_app flask_app
COPY quart_app quart_app
COPY upstream upstream
COPY loadtests loadtests
COPY servers servers
