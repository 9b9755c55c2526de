"""Distribution channels of a published issue besides the archive: mail, newsletter services, WeChat."""
