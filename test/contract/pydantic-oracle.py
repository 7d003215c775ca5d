"""Answers run bodies with Kedro's own request model behind FastAPI.

Reads one JSON line per question on stdin and writes one per answer:
`{"body": base64, "contentType": text | null}` gives `{"status", "text", "fields", "params"}`, and
`{"normalize": text}` gives `{"text"}`: JSON read and written again by Python.
"""

import asyncio
import base64
import json
import os
import sys

answers = os.fdopen(os.dup(1), "w", encoding="ascii")
os.dup2(2, 1)

from fastapi import FastAPI, Response  # noqa: E402
from kedro.server.models import RunRequest  # noqa: E402

app = FastAPI()
accepted: list[RunRequest] = []


@app.post("/run")
async def run(request: RunRequest) -> Response:
    accepted.append(request)
    return Response("")


async def ask(body: bytes, content_type: str | None) -> dict:
    headers = [(b"content-length", str(len(body)).encode())]
    if content_type is not None:
        headers.append((b"content-type", content_type.encode("latin-1")))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/run",
        "raw_path": b"/run",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "server": ("test", 80),
    }
    status = 0
    text = b""

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        nonlocal status, text
        status = message.get("status", status)
        text += message.get("body", b"")

    accepted.clear()
    try:
        await app(scope, receive, send)
    except Exception:
        # Starlette has sent its 500 before it raises the error again.
        pass
    fields = accepted[0].model_dump() if accepted else None
    params = fields.pop("params") if fields else None
    return {
        "status": status,
        "text": text.decode(),
        "fields": fields,
        "params": None if params is None else json.dumps(params),
    }


async def main() -> None:
    for line in sys.stdin:
        question = json.loads(line)
        if "normalize" in question:
            answer = {"text": json.dumps(json.loads(question["normalize"]))}
        else:
            body = base64.b64decode(question["body"])
            answer = await ask(body, question["contentType"])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


asyncio.run(main())
