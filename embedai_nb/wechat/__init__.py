"""The article for WeChat: HTML its editor accepts, and its limits."""
