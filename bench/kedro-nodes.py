"""Times SequentialRunner on a chain of nodes in memory, without any logging. Usage: kedro-nodes.py NODES RUNS"""

import json
import logging
import statistics
import sys
import time

from kedro.io import DataCatalog
from kedro.pipeline import node, pipeline
from kedro.runner import SequentialRunner

logging.disable(logging.CRITICAL)
nodes, runs = int(sys.argv[1]), int(sys.argv[2])


def add_one(number):
    return number + 1


chain = pipeline([node(add_one, f"d{i}", f"d{i + 1}", name=f"n{i}") for i in range(nodes)])
times = []
for _ in range(runs):
    catalog = DataCatalog()
    catalog["d0"] = 0
    start = time.perf_counter()
    result = SequentialRunner().run(chain, catalog)
    times.append((time.perf_counter() - start) * 1e6 / nodes)
    assert result[f"d{nodes}"].load() == nodes
print(json.dumps({"microseconds_per_node": statistics.median(times)}))
