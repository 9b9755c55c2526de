"""Hide from a process and all that it starts the packages that $HIDDEN names; Python imports this when it starts."""

import os
import sys
from importlib.machinery import PathFinder


class Finder(PathFinder):
    """Finds what lies on the path, but for what is hidden."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in os.environ["HIDDEN"].split():
            return None
        return super().find_spec(name, path, target)


sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
