"""Answers, for each JSON line on stdin, what Kedro's own configuration code makes of it."""

import builtins
import json
import logging
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

import yaml
from kedro.config import OmegaConfigLoader, omegaconf_config
from kedro.framework.cli.utils import _split_params
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf._yaml import get_yaml_loader
from omegaconf.basecontainer import BaseContainer


class OrderedSet(builtins.set):
    """Kedro merges the files of a folder in the order of a set: here that is the paths' order."""

    def __iter__(self):
        return iter(sorted(super().__iter__(), key=str))


omegaconf_config.set = OrderedSet

RESOLVERS = {
    "join": lambda *texts: "-".join(text for text in texts),
    "tuple": lambda *values: {"items": list(values)},
    "fail": lambda *_: [][1],
}


def tag(value):
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return {"i": str(value)}
    if isinstance(value, float):
        return {"f": repr(value)}
    if isinstance(value, bytes):
        return {"b": value.hex()}
    if isinstance(value, (DictConfig, ListConfig)):
        return tag(OmegaConf.to_container(value, resolve=True))
    if isinstance(value, (list, tuple)):
        return [tag(item) for item in value]
    if isinstance(value, dict):
        return {"d": [[tag(key), tag(item)] for key, item in value.items()]}
    return {"o": type(value).__name__}


def attempt(function):
    try:
        return {"value": tag(function())}
    except Exception as error:
        return {"error": type(error).__qualname__, "message": str(error)[:300]}


def load(case):
    folder = Path(tempfile.mkdtemp())
    before = dict(os.environ)
    BaseContainer._resolvers.clear()
    from omegaconf.omegaconf import register_default_resolvers

    register_default_resolvers()
    try:
        for path, text in case["files"].items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode("utf8"))
        os.environ.update(case.get("environment", {}))
        answers = []
        for kind in case["kinds"]:

            def load_kind():
                loader = OmegaConfigLoader(
                    str(folder),
                    env=case.get("env"),
                    base_env=case.get("baseEnv", "base"),
                    default_run_env=case.get("defaultRunEnv", "local"),
                    runtime_params=case.get("runtimeParams"),
                    config_patterns=case.get("patterns"),
                    merge_strategy=case.get("mergeStrategy"),
                    custom_resolvers=RESOLVERS,
                    restrict_runtime_params_type_selection=case.get("restrict", False),
                )
                return loader[kind]

            answers.append(attempt(load_kind))
        return answers
    finally:
        shutil.rmtree(folder)
        for name in set(os.environ) - set(before):
            del os.environ[name]


def main():
    for line in sys.stdin:
        case = json.loads(line)
        if "yaml" in case:
            answer = attempt(lambda: yaml.load(case["yaml"], Loader=get_yaml_loader()))
        elif "params" in case:
            answer = attempt(lambda: _split_params(None, None, case["params"]))
        else:
            answer = load(case)
        print(json.dumps(answer), flush=True)


main()
