"""Execute the notebook of an issue and export it: all that needs papermill and nbconvert."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
