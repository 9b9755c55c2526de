"""An issues folder on disk: file layout, atomic writes, locks, journal, watching."""
