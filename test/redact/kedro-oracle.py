"""Answers, for each JSON line on stdin, what the Python workers make of a text and its secrets."""

import json
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "python"))

from kedro_server_worker.line_redaction import LineRedaction, set_values  # noqa: E402
from kedro_server_worker.redaction import redact  # noqa: E402
from kedro_server_worker.secret_values import (  # noqa: E402
    is_secret_name,
    secrets_of_credentials,
    secrets_of_environment,
    secrets_of_params_json,
)


def answer(question):
    values = (
        secrets_of_credentials(question["credentials"])
        | secrets_of_environment(question["environment"])
        | secrets_of_params_json(json.dumps(question["params"]))
    )
    set_values(values)
    lines = LineRedaction()
    return {
        "values": sorted(values),
        "lines": [lines.line(text) for text in question["texts"]],
        "messages": ["" if re.search("[?#@]|://", text) else redact(text) for text in question["texts"]],
        "names": [is_secret_name(name) for name in question["environment"]],
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
