"""Placeholder until the one table arrives."""

NAMES = {"error": "错误", "warning": "警告", "note": "提示"}
