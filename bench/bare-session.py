"""Times session.run() without console logging and without a server. Usage: bare-session.py PROJECT RUNS"""

import json
import logging
import os
import statistics
import sys
import time

os.chdir(sys.argv[1])
from kedro.framework.startup import bootstrap_project  # noqa: E402

bootstrap_project(sys.argv[1])
from kedro.framework.session.service_session import KedroServiceSession  # noqa: E402

logging.root.handlers.clear()
session = KedroServiceSession.create(project_path=sys.argv[1], serving_mode=True)
times = []
for run in range(int(sys.argv[2]) + 20):
    start = time.perf_counter()
    session.run()
    times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"median_ms": statistics.median(times[20:])}))
