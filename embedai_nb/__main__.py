"""``python -m embedai_nb`` does what the command ``embedai`` does."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the working folder, as `-m` has it: an issues folder may hold what a pull request brought

from embedai_nb.cli import main

main()
