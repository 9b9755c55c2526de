import os, subprocess, sys, warnings
import pandas
print("to stdout")
print("to stderr", file=sys.stderr)
os.system("echo from a child")
warnings.warn("a warning")
display(pandas.DataFrame({f"column {n}": ["text " * 20] for n in range(30)}))
display({name: pandas.get_option(name) for name in ("display.max_columns", "display.width", "display.max_rows")})
print(__name__, sys.argv[1:][:1], os.getcwd(), sys.stdin is None, In[-1][:9], get_ipython().execution_count)
print(os.isatty(0), type(get_ipython()).__name__, type(get_ipython().kernel).__name__)
