"""An issue as HTML: text to sanitized HTML, and the page around it."""
