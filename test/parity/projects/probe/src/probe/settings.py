from probe.hooks import SpyHooks

HOOKS = (SpyHooks(),)
RUNNER_MODULE_ALLOWLIST = ["allowed_runners"]
