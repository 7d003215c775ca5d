"""Prints the regular expressions of the Python files below the folder that is named, as JSON."""

import ast
import json
import re
import sys
from pathlib import Path

found = []
for path in sorted(Path(sys.argv[1]).rglob("*.py")):
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assigned = [(node.value, node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)]
    names = {id(value): target.id for value, target in assigned if isinstance(target, ast.Name)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr != "escape":
            first = node.args[0]
            # What is put together at run time is made of known texts, which are escaped.
            if isinstance(first, ast.Constant):
                name = names.get(id(node), "")
                uses = set(re.findall(rf"\b{name}\.([a-z]+)\(", text)) if name else {node.func.attr}
                start = "^" if uses and uses <= {"match", "fullmatch"} else ""
                end = "$" if uses == {"fullmatch"} else ""
                pattern = f"{start}(?:{first.value}){end}" if start else first.value
                flags = "i" if "IGNORECASE" in ast.dump(node) else ""
                found.append({"file": path.name, "pattern": pattern, "flags": flags})
print(json.dumps(found))
