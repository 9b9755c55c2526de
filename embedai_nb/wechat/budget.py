"""WeChat's limits, and the size of an article against them; shared by checks, pages and the upload."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["LIMITS", "ArticleLimits", "Budget", "Picture", "Weight"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArticleLimits(_Value):
    """WeChat's limits, in Unicode characters and bytes of UTF-8.

    https://developers.weixin.qq.com/doc/subscription/api/draftbox/draftmanage/api_draft_add.html; for the title, what the
    web editor accepts.
    """

    title_shown: int = Field(32, description="characters of a title that every list shows whole")
    title: int = 64
    digest: int = 120
    characters: int = Field(20_000, description="the content, tags counted, has fewer")
    comfortable: int = Field(17_000, description="characters that leave room for the tags the web editor adds")
    bytes: int = Field(1_000_000, description="the content has fewer")
    source_url: int = Field(1_024, description="bytes of the address behind “Read more”")
    picture: int = Field(1_000_000, description="a picture in the text has fewer bytes, and is JPEG or PNG")


LIMITS = ArticleLimits()


class Weight(_Value):
    """Size of a part of the article, tags counted."""

    name: str
    characters: int


class Picture(_Value):
    """A picture of the issue; WeChat shows only uploaded ones."""

    text: str
    url: str


class Budget(_Value):
    """The size of an article for WeChat."""

    title: str = Field(description="with as many of its keywords as there is room for")
    whole_title: str
    digest: str
    source_url: str = ""
    characters: int
    bytes: int
    items: tuple[Weight, ...] = Field((), description="each item and raw text of the sections, in their order")
    others: tuple[Weight, ...] = Field((), description="what stands around the items")
    pictures: tuple[Picture, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the content is below WeChat's limits."""
        return self.characters < LIMITS.characters and self.bytes < LIMITS.bytes

    def heaviest(self, count: int) -> tuple[Weight, ...]:
        """The largest parts."""
        return tuple(sorted(self.items + self.others, key=lambda part: -part.characters)[:count])
