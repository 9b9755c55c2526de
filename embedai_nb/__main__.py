"""`python -m embedai_nb` is `embedai`."""

import sys

from embedai_nb.cli import run

sys.exit(run(sys.argv[1:]))
