from IPython.display import clear_output
print("lost")
clear_output()
import os, subprocess, sys, warnings
import pandas
print("to stdout")
print("to stderr", file=sys.stderr)
warnings.warn("a warning")
display(pandas.DataFrame({f"column {n}": ["text " * 20] for n in range(30)}))
display({name: pandas.get_option(name) for name in ("display.max_columns", "display.width", "display.max_rows")})
print(__name__, sys.argv[1:][:1], os.getcwd(), sys.stdin is None, In[-1][:9], get_ipython().execution_count)
print(os.isatty(0), type(get_ipython()).__name__, type(get_ipython().kernel).__name__)
print(sys.stdout.isatty(), sys.stdout.encoding, __name__ in sys.modules, "" in sys.path, os.environ.get("MPLBACKEND"))
import asyncio, threading
await asyncio.sleep(0)
shown = display("before", display_id="shown")
print("kept", "半", end="")
shown.update("after")
display({"text/plain": "raw", "text/html": "<b>raw</b>"}, raw=True, metadata={"a": 1})
thread = threading.Thread(target=print, args=("from a thread",))
thread.start()
thread.join()
os.system("echo from a child")
import time
time.sleep(0.3)  # a plain kernel hears of it from another thread
# next cell
import multiprocessing, os, time
with multiprocessing.get_context("fork").Pool(1) as pool:
    pool.apply(print, ["from a pool"])
os.write(1, b"broken \xff\xe5\x8d UTF-8\n")
time.sleep(0.3)
# next cell
print("x" * 300_000)
# next cell
len("x" * 300_000), get_ipython().execution_count
