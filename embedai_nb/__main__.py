"""`python -m embedai_nb` is `embedai`."""

from embedai_nb.cli import main

main()
