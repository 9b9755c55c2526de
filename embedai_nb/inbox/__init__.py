"""Inbox: candidates for the next issue, from feeds and notes, in the order of what the newsletter took before."""
