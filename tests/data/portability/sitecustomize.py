"""Hide from a process and all that it starts what only POSIX or Linux has; Python imports this when it starts."""

import builtins
import io
import json
import os
import signal
import sys

HIDDEN = {
    os: ("fork", "forkpty", "fchmod", "register_at_fork", "pidfd_open", "O_DIRECTORY"),
    signal: ("pthread_sigmask",),
}

for module, names in HIDDEN.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
sys.modules["fcntl"] = None  # to import it is an ImportError


def without_proc(function):
    """The same function, for which there is no /proc."""

    def instead(path=".", *arguments, **options):
        if isinstance(path, str | os.PathLike) and os.fspath(path).startswith("/proc"):
            raise FileNotFoundError(2, "No such file or directory", os.fspath(path))
        return function(path, *arguments, **options)

    return instead


for name in ("listdir", "open", "scandir", "stat"):
    setattr(os, name, without_proc(getattr(os, name)))
builtins.open = io.open = without_proc(io.open)


def told(command, arguments, environment):
    """Print what would be executed in place of this process."""
    print(json.dumps({"command": arguments, "issues": environment["EMBEDAI_ISSUES"]}))
    os._exit(0)


os.execve = told
