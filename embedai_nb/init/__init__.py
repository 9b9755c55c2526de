"""Begin a newsletter of one's own: the files that it needs, made from templates, written all or none."""

from embedai_nb.init.begin import Begun, begin
from embedai_nb.init.new_files import NewNewsletter, default_sections

__all__ = ["Begun", "NewNewsletter", "begin", "default_sections"]
