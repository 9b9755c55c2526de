"""Rules by which several URLs of one page become one, by host.

Each rule carries two URLs that it makes one, which is its test.  Tracking parameters are listed here, as the packages
that list them join pages that are two, as courlan does by ``uid`` and ``source``, or fetch their list from the network.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

__all__ = ["ARXIV_NUMBER", "REPOSITORY", "RULES", "Alias", "Drop", "Rewrite", "Unwrap", "host_name", "redirected", "tracks"]  # fmt: skip

ARXIV_NUMBER = r"(?P<id>\d{4}\.\d{4,5}|[a-z][a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
"""New and old identifiers, https://info.arxiv.org/help/arxiv_identifier.html."""
PAPER = rf"{ARXIV_NUMBER}(?:\.pdf)?(?:\?.*)?"

DOI = r"(10\.\d{4,9}/[^?]+?)"
"""A DOI, which is the same in any case: https://www.doi.org/doi-handbook/HTML/case-sensitivity.html."""

REPOSITORY = (
    "(?P<repo>(?!(?:about|apps|blog|collections|enterprise|events|explore|features|gists|login|marketplace|orgs"
    "|organizations|pricing|resources|search|security|settings|site|solutions|sponsors|stars|topics|trending|users)/)"
    r"[\w.-]+/[\w.-]+?)(?:\.git)?"
)
"""Owner and name; some first segments of a path are no owners but pages of the host itself."""

NEWS_ID = r"((?:19|20)\d{6}[a-z]\w{5,8})"
"""Identifier of an article at QQ: a date and some letters."""


class Alias(NamedTuple):
    """Another host with the same paths."""

    host: str
    to: str
    one: str
    other: str


class Drop(NamedTuple):
    """Query parameters that tell where a reader came from.

    Args:
        hosts: names separated by spaces; ``.name`` stands for a host and its subdomains, ``*`` for every host.
        pattern: matches ``name=value``, in any case.
        one: a URL.
        other: another URL of the same page.
    """

    hosts: str
    pattern: str
    one: str
    other: str


class Rewrite(NamedTuple):
    """Paths that lead to one page.

    Args:
        hosts: as those of `Drop`.
        pattern: matches a path with its query, in any case.
        to: the host, path and query instead, with ``{name}`` or ``{0}`` for groups, ``{0:lower}`` for one in which case
            makes no difference; on the same host unless it names one.
        one: a URL.
        other: another URL of the same page.
    """

    hosts: str
    pattern: str
    to: str
    one: str
    other: str


class Unwrap(NamedTuple):
    """Pages that only lead on to the URL in a parameter."""

    hosts: str
    pattern: str
    one: str
    other: str


Rule = Alias | Drop | Rewrite | Unwrap

# fmt: off
RULES: tuple[Rule, ...] = (
    # --- mobile and former hosts ---
    Alias("mobile.twitter.com", "x.com", "https://x.com/octo", "https://mobile.twitter.com/octo"),
    Alias("twitter.com", "x.com", "https://x.com/octo", "https://twitter.com/octo"),
    Alias("mobile.x.com", "x.com", "https://x.com/octo", "https://mobile.x.com/octo"),
    Alias("dx.doi.org", "doi.org", "https://doi.org/10.1145/1", "http://dx.doi.org/10.1145/1"),
    Alias("juejin.im", "juejin.cn", "https://juejin.cn/post/7", "https://juejin.im/post/7"),
    Alias("hf.co", "huggingface.co", "https://huggingface.co/octo/net", "https://hf.co/octo/net"),
    Alias("hf-mirror.com", "huggingface.co", "https://huggingface.co/octo/net", "https://hf-mirror.com/octo/net"),
    Alias("old.reddit.com", "reddit.com", "https://www.reddit.com/r/tinyml", "https://old.reddit.com/r/tinyml"),
    Alias("tensorflow.google.cn", "tensorflow.org", "https://www.tensorflow.org/lite", "https://tensorflow.google.cn/lite"),
    Alias("developers.google.cn", "developers.google.com", "https://developers.google.com/a", "https://developers.google.cn/a"),
    Alias("docs.microsoft.com", "learn.microsoft.com", "https://learn.microsoft.com/a", "https://docs.microsoft.com/a"),
    Alias("code.fb.com", "engineering.fb.com", "https://engineering.fb.com/a", "https://code.fb.com/a"),
    Alias("papers.nips.cc", "proceedings.neurips.cc", "https://proceedings.neurips.cc/paper/2019", "https://papers.nips.cc/paper/2019"),
    Alias("cnbeta.com.tw", "cnbeta.com", "https://www.cnbeta.com/topics/7.htm", "https://www.cnbeta.com.tw/topics/7.htm"),
    Alias("hot.cnbeta.com", "cnbeta.com", "https://www.cnbeta.com/topics/7.htm", "https://hot.cnbeta.com/topics/7.htm"),
    # --- tracking on every site ---
    Drop("*", r"utm_\w+=.*", "https://e.com/x", "https://e.com/x?UTM_SOURCE=w&utm_id=7"),
    Drop("*", r"_g[al]=.*", "https://e.com/x", "https://e.com/x?_ga=1.2&_gl=3"),
    Drop("*", r"(?:gclid|dclid|gbraid|wbraid|gad_source|gad_campaignid)=.*", "https://e.com/x", "https://e.com/x?gclid=7&gad_source=1"),
    Drop("*", r"(?:fbclid|fb_(?:ref|source|action_ids|action_types)|msclkid|yclid|ysclid|twclid|ttclid|li_fat_id|igsh(?:id)?)=.*", "https://e.com/x", "https://e.com/x?fbclid=7&ttclid=8"),
    Drop("*", r"(?:mc_[ce]id|mkt_tok|_hs\w+|__hs\w+|hsctatracking|hsa_\w+)=.*", "https://e.com/x", "https://e.com/x?mc_cid=7&_hsenc=8"),
    Drop("*", r"(?:mtm|matomo|pk|piwik|itm|vero|oly|stm)_\w+=.*|hm(?:sr|pl|cu|kw|ci)=.*", "https://e.com/x", "https://e.com/x?pk_campaign=7&hmsr=8"),
    Drop("*", r"ref=(?!v?\d|main|master|dev|refs).*|(?:ref_src|ref_url|referr?er|refer)=.*", "https://e.com/x", "https://e.com/x?ref=weekly"),
    Drop("*", r"(?:spm|scm|spm_id_from|vd_source|share_\w+|sharefrom|sharetype|shareid|bd_source|hb_wx_block)=.*", "https://e.com/x", "https://e.com/x?spm=1001.2&share_from=7"),
    Drop("*", r"(?:isappinstalled|wechat_redirect|nsukey)=.*|from=(?:timeline|singlemessage|groupmessage|wechat|weixin)", "https://e.com/x", "https://e.com/x?from=timeline&isappinstalled=0"),
    Drop("*", r"(?:s_cid|s_kwcid|ef_id|xtor|at_medium|at_campaign|wt\.mc_id|trk|trkinfo|trackingid|guccounter|guce_referrer(?:_sig)?|__twitter_impression|sr_share)=.*", "https://e.com/x", "https://e.com/x?trk=7&guccounter=1"),
    Drop("*", r"source=(?:rss.*|.*-{3}.*|friends_link|social\.\w+)", "https://e.com/x", "https://e.com/x?source=rss----7---8"),
    # --- tracking on some sites ---
    Drop(".medium.com", r"(?:source|sk|gi)=.*", "https://medium.com/x", "https://medium.com/x?source=twitter&sk=7"),
    Drop(".csdn.net", r"(?:ops_request_misc|(?:dist_)?request_id|biz_id|depth_1-.*|ydreferer|sharerefer|sharesource)=.*", "https://blog.csdn.net/x", "https://blog.csdn.net/x?ops_request_misc=x&request_id=7"),
    Drop(".bilibili.com", r"(?:from|from_spmid|from_source|seid|msource|bsource|buvid|is_story_h5|mid|plat_id|timestamp|unique_k|up_id|bbid|ts|trackid|live_from|session_id|t)=.*|p=1", "https://www.bilibili.com/video/BV1", "https://www.bilibili.com/video/BV1?from=search&p=1"),
    Drop(".zhihu.com", r"(?:edition|zhida_source|ivk_sa|hybrid_search_\w+|group_id|invite_code)=.*", "https://zhuanlan.zhihu.com/p/7", "https://zhuanlan.zhihu.com/p/7?edition=yidianzixun"),
    Drop(".juejin.cn", r"(?:searchid|from)=.*", "https://juejin.cn/post/7", "https://juejin.cn/post/7?searchId=8&from=search-suggest"),
    Drop("baijiahao.baidu.com", r"(?:wfr|for|searchword|isfailed)=.*", "https://baijiahao.baidu.com/s?id=7", "https://baijiahao.baidu.com/s?id=7&wfr=spider&for=pc"),
    Drop(".163.com", r"(?:f|spss|spssid|spsw|clickfrom|from)=.*", "https://www.163.com/a.html", "https://www.163.com/a.html?f=post2020&clickfrom=w_tech"),
    Drop(".sohu.com", r"(?:_trans_|pvid|sec|scm_\w+|_f|qq-pf-to)=.*", "https://www.sohu.com/a/7_8", "https://www.sohu.com/a/7_8?_trans_=000019_wzwza"),
    Drop(".sina.com.cn .sina.cn", r"(?:cre|mod|loc|r|rfunc|tj|tr|wm|from|vt|cid|node_id|pos)=.*", "https://tech.sina.com.cn/a.shtml", "https://tech.sina.com.cn/a.shtml?cre=tianyi&mod=pctech&r=25"),
    Drop("cloud.tencent.com developer.aliyun.com", r"(?:from|from_column|frompage|policyid|traceid|fromsource|shareuid)=.*", "https://cloud.tencent.com/developer/article/7", "https://cloud.tencent.com/developer/article/7?from=article.detail"),
    Drop(".qpic.cn", r"(?:tp|wxfrom|wx_lazy|wx_co|wx_fmt|usepicprefetch|retryload)=.*", "https://mmbiz.qpic.cn/a/640", "https://mmbiz.qpic.cn/a/640?wx_fmt=png&tp=webp&wxfrom=5&wx_lazy=1"),
    Drop("x.com", r"[st]=.*|cxt=.*", "https://x.com/octo", "https://x.com/octo?s=20&t=7"),
    Drop("github.com gitee.com", r"(?:tab|plain)=.*", "https://github.com/octo/net/blob/dev/a.md", "https://github.com/octo/net/blob/dev/a.md?plain=1"),
    # --- papers ---
    Rewrite(".arxiv.org", rf"/(?:abs|pdf|html|format|ps|e-print|src|ftp/arxiv/papers/\d{{4}})/{PAPER}", "arxiv.org/abs/{id:lower}", "https://arxiv.org/abs/2101.00001", "http://cn.arxiv.org/pdf/2101.00001v2.pdf"),
    Rewrite("ar5iv.org alphaxiv.org xxx.lanl.gov xxx.itp.ac.cn", rf"/(?:abs|pdf|html|overview|forum|papers)/{PAPER}", "arxiv.org/abs/{id:lower}", "https://arxiv.org/abs/2101.00001", "https://www.alphaxiv.org/overview/2101.00001v1"),
    Rewrite("huggingface.co arxiv-vanity.com", rf"/papers/{PAPER}", "arxiv.org/abs/{id:lower}", "https://arxiv.org/abs/2101.00001", "https://huggingface.co/papers/2101.00001"),
    Rewrite("papers.cool scirate.com hjfy.top semanticscholar.org", rf"/arxiv/(?:arxiv:)?{PAPER}", "arxiv.org/abs/{id:lower}", "https://arxiv.org/abs/2101.00001", "https://papers.cool/arxiv/2101.00001"),
    Rewrite("doi.org", rf"/10\.48550/arxiv\.{PAPER}", "arxiv.org/abs/{id:lower}", "https://arxiv.org/abs/2101.00001", "https://doi.org/10.48550/arXiv.2101.00001"),
    Rewrite("doi.org", rf"/{DOI}(?:\?.*)?", "/{0:lower}", "https://doi.org/10.1109/cvpr.2020.1", "https://doi.org/10.1109/CVPR.2020.1"),
    Rewrite("*", rf"(?:/.*)?/doi/(?:(?:abs|full|fullhtml|pdf|pdfdirect|epdf|epub|pdfplus|reader|suppl|book|proceedings|ref|references|citedby)/)?{DOI}(?:\?.*)?", "doi.org/{0:lower}", "https://doi.org/10.1145/3.4", "https://dl.acm.org/doi/pdf/10.1145/3.4"),
    Rewrite("link.springer.com", rf"/(?:article|chapter|book|content/pdf|protocol|referenceworkentry)/{DOI}(?:\.pdf)?(?:/fulltext(?:\.html)?)?(?:\?.*)?", "doi.org/{0:lower}", "https://doi.org/10.1007/s1-2", "https://link.springer.com/article/10.1007/s1-2"),
    Rewrite("iopscience.iop.org", rf"/article/{DOI}(?:/(?:meta|pdf|ampdf))?(?:\?.*)?", "doi.org/{0:lower}", "https://doi.org/10.1088/1-2/ab", "https://iopscience.iop.org/article/10.1088/1-2/ab/pdf"),
    Rewrite("frontiersin.org", rf"/(?:journals/[^/]+/)?articles/{DOI}(?:/(?:full|abstract|pdf|xml))?(?:\?.*)?", "doi.org/{0:lower}", "https://doi.org/10.3389/fnins.2020.7", "https://www.frontiersin.org/articles/10.3389/fnins.2020.7/full"),
    Rewrite("biorxiv.org medrxiv.org", rf"/content/(?:biorxiv/early/[\d/]+/)?{DOI}(?:v\d+)?(?:\.(?:full|abstract|article-\w+))*(?:\.pdf)?(?:\?.*)?", "doi.org/{0:lower}", "https://doi.org/10.1101/2020.01.02.7", "https://www.biorxiv.org/content/10.1101/2020.01.02.7v1.full.pdf"),
    Rewrite("journals.plos.org", r"/\w+/article(?:/\w+)?\?(?:.*&)?id=(10\.\d+%2F[\w.]+).*", "doi.org/{0:unquote}", "https://doi.org/10.1371/journal.pone.7", "https://journals.plos.org/plosone/article?id=10.1371/journal.pone.7"),
    Rewrite("nature.com", r"/articles/((?:s\d{5}|d41586|nature|srep|ncomms|nmeth|nbt)[\w-]*)(?:\.pdf)?(?:\?.*)?", "doi.org/10.1038/{0:lower}", "https://doi.org/10.1038/s41586-020-7", "https://www.nature.com/articles/s41586-020-7.pdf"),
    Rewrite("sciencedirect.com", r"/science/article/(?:abs/|am/)?(pii/\w+)(?:/.*)?(?:\?.*)?", "/science/article/{0}", "https://www.sciencedirect.com/science/article/pii/S7", "https://www.sciencedirect.com/science/article/abs/pii/S7?via%3Dihub"),
    Rewrite("ieeexplore.ieee.org", r"/(?:abstract/)?document/(\d+)(?:/.*)?(?:\?.*)?|/(?:stamp/)?stamp\.jsp\?(?:.*&)?arnumber=0*(\d+).*|/iel\w*/.*?0*(\d+)\.pdf", "/document/{0}{1}{2}", "https://ieeexplore.ieee.org/document/7", "https://ieeexplore.ieee.org/stamp/stamp.jsp?tp=&arnumber=0007"),
    Rewrite("openreview.net", r"/(?:forum|pdf)\?(?:.*&)?id=([^&]+).*", "/forum?id={0}", "https://openreview.net/forum?id=aB7", "https://openreview.net/pdf?id=aB7"),
    Rewrite("openaccess.thecvf.com", r"/(.+)/papers/(.+)\.pdf", "/{0}/html/{1}.html", "https://openaccess.thecvf.com/CVPR2020/html/A_paper.html", "https://openaccess.thecvf.com/CVPR2020/papers/A_paper.pdf"),
    Rewrite("proceedings.neurips.cc", r"/(.+)/file/(\w+)-Paper(-[\w-]+)?\.pdf", "/{0}/hash/{1}-Abstract{2}.html", "https://proceedings.neurips.cc/paper/2019/hash/7-Abstract.html", "https://papers.nips.cc/paper/2019/file/7-Paper.pdf"),
    Rewrite("proceedings.mlr.press", r"/(v\d+)/(\w+)/\2\.pdf", "/{0}/{1}.html", "https://proceedings.mlr.press/v97/a19.html", "http://proceedings.mlr.press/v97/a19/a19.pdf"),
    Rewrite("aclanthology.org aclweb.org", r"/(?:anthology/)?(?:papers/(?:\w/\w+/)?)?([a-z]\d\d-\d+|\d{4}\.[\w.-]+?)(?:v\d)?(?:\.pdf)?", "aclanthology.org/{0:lower}", "https://aclanthology.org/2020.acl-main.1", "https://www.aclweb.org/anthology/2020.acl-main.1.pdf"),
    # --- articles ---
    Rewrite("mp.weixin.qq.com", r"/s\?(?=(?:.*&)?__biz=([^&]+))(?=(?:.*&)?mid=([^&]+))(?=(?:.*&)?idx=([^&]+)).*", "/s?__biz={0}&idx={2}&mid={1}", "https://mp.weixin.qq.com/s?__biz=MzA3Nw==&mid=265&idx=1", "https://mp.weixin.qq.com/s?__biz=MzA3Nw==&amp;mid=265&amp;idx=1&amp;sn=a&amp;chksm=b#rd"),
    Rewrite("mp.weixin.qq.com", r"/mp/appmsg/show\?(?=(?:.*&)?__biz=([^&]+))(?=(?:.*&)?appmsgid=([^&]+))(?=(?:.*&)?itemidx=([^&]+)).*", "/s?__biz={0}&idx={2}&mid={1}", "https://mp.weixin.qq.com/s?__biz=MzA3Nw==&mid=265&idx=1", "https://mp.weixin.qq.com/mp/appmsg/show?__biz=MzA3Nw==&appmsgid=265&itemidx=1&sign=a"),
    Rewrite("mp.weixin.qq.com", r"(/s/[^?]+).*", "{0}", "https://mp.weixin.qq.com/s/aB7", "https://mp.weixin.qq.com/s/aB7?scene=21&chksm=b"),
    Rewrite("zhihu.com", r"/(?:question/\d+/answer|tardis/\w+/ans|appview/answer)/(\d+).*", "/answer/{0}", "https://www.zhihu.com/question/1/answer/2", "https://m.zhihu.com/answer/2"),
    Rewrite("zhihu.com", r"/(?:tardis/\w+/art|appview/p|column/p|p)/(\d+).*", "zhuanlan.zhihu.com/p/{0}", "https://zhuanlan.zhihu.com/p/7", "https://www.zhihu.com/tardis/bd/art/7?source_id=1001"),
    Rewrite("36kr.com", r"/p/(\d+)(?:\.html)?(?:\?.*)?", "/p/{0}", "https://36kr.com/p/7", "https://m.36kr.com/p/7.html"),
    Rewrite(".csdn.net", r"(?:/.*)?/article/details/(\d+).*", "blog.csdn.net/article/details/{0}", "https://blog.csdn.net/octo/article/details/7", "https://octo.blog.csdn.net/article/details/7"),
    Rewrite(".toutiao.com", r"/(?:article/|group/|w/a|a|i)(\d+).*", "toutiao.com/article/{0}", "https://www.toutiao.com/article/7", "https://m.toutiao.com/i7/"),
    Rewrite(".163.com", r"(?:/.*)?/(?:article|news/a)/(\w{16})(?:\.html)?(?:\?.*)?", "163.com/article/{0}", "https://www.163.com/dy/article/ABCDEFGH01234567.html", "https://c.m.163.com/news/a/ABCDEFGH01234567.html"),
    Rewrite(".sina.com.cn .sina.cn", r"/.*(?:doc|detail)-(i\w{8,})\..*", "sina.com.cn/doc-{0}", "https://tech.sina.com.cn/2020-01-02/doc-iabcdefg1234567.shtml", "https://tech.sina.cn/2020-01-02/detail-iabcdefg1234567.d.html"),
    Rewrite(".news.qq.com new.qq.com xw.qq.com view.inews.qq.com", rf"/(?:.*/)?{NEWS_ID}(?:\.html)?(?:\?.*)?", "news.qq.com/rain/a/{0:upper}", "https://new.qq.com/rain/a/20200102A0ABCD", "https://xw.qq.com/cmsid/20200102A0ABCD"),
    Rewrite("thepaper.cn", r"/(?:newsdetail_forward_|detail/|baijiahao_)(\d+).*", "/detail/{0}", "https://www.thepaper.cn/newsDetail_forward_7", "https://m.thepaper.cn/detail/7"),
    Rewrite("ithome.com", r"/0/(\d+)/(\d+)\.htm", "/html/{0}{1}.htm", "https://www.ithome.com/0/512/345.htm", "https://m.ithome.com/html/512345.htm"),
    Rewrite("cnbeta.com", r"/(?:articles/\w+|articles|view|wap)/(\d+)\.htm", "/articles/{0}.htm", "https://www.cnbeta.com/articles/tech/7.htm", "https://m.cnbeta.com/view/7.htm"),
    Rewrite(".wikipedia.org", r"/zh(?:-\w+)?/(.+)|/w/index\.php\?title=([^&]+)", "/wiki/{0}{1}", "https://zh.wikipedia.org/wiki/A", "https://zh.m.wikipedia.org/zh-cn/A"),
    Rewrite(".wikipedia.org", r"/wiki/(.+)\?(?:variant|oldformat|useskin)=[^&]*", "/wiki/{0}", "https://zh.wikipedia.org/wiki/A", "https://zh.wikipedia.org/wiki/A?variant=zh-cn"),
    Rewrite("medium.com", r"/.*-([0-9a-f]{10,12})(?:\?.*)?", "/p/{0}", "https://medium.com/@octo/title-0123456789ab", "https://medium.com/p/0123456789ab"),
    Rewrite("stackoverflow.com", r"/(?:q|questions)/(\d+)(?:/.*)?", "/questions/{0}", "https://stackoverflow.com/questions/7/title", "https://stackoverflow.com/q/7"),
    Rewrite("reddit.com", r"/(?:r|user)/\w+(/comments/\w+)(?:/.*)?", "{0}", "https://www.reddit.com/r/tinyml/comments/abc12/title", "https://reddit.com/comments/abc12"),
    Rewrite("redd.it", r"/(\w+)", "reddit.com/comments/{0}", "https://reddit.com/comments/abc12", "https://redd.it/abc12"),
    Rewrite("devblogs.nvidia.com", r"/(.+)", "developer.nvidia.com/blog/{0}", "https://developer.nvidia.com/blog/a", "https://devblogs.nvidia.com/a"),
    # --- videos, posts ---
    Rewrite("youtube.com youtube-nocookie.com", r"/watch\?(?:.*&)?v=([\w-]+).*|/(?:embed|shorts|live|v)/([\w-]+).*", "youtube.com/watch?v={0}{1}", "https://www.youtube.com/watch?v=aB7", "https://www.youtube.com/embed/aB7?t=60"),
    Rewrite("youtu.be", r"/([\w-]+).*", "youtube.com/watch?v={0}", "https://www.youtube.com/watch?v=aB7", "https://youtu.be/aB7?si=8"),
    Rewrite("b23.tv bilibili.com", r"(?:/video)?/(BV\w+|av\d+)(\?.*)?", "bilibili.com/video/{0}{1}", "https://www.bilibili.com/video/BV1a", "https://b23.tv/BV1a"),
    Rewrite("bilibili.com", r"/read/(?:mobile/|mobile\?(?:.*&)?id=|cv)(\d+).*", "/read/cv{0}", "https://www.bilibili.com/read/cv7", "https://www.bilibili.com/read/mobile?id=7"),
    Rewrite("x.com fxtwitter.com vxtwitter.com fixupx.com", r"/(?:\w+|i/web)/status/(\d+).*", "x.com/i/status/{0}", "https://x.com/octo/status/7", "https://twitter.com/i/web/status/7/photo/1"),
    Rewrite("x.com", r"/(\w+)", "/{0:lower}", "https://x.com/octo", "https://x.com/Octo"),
    # --- repositories, models ---
    Rewrite("github.com gitee.com", rf"/{REPOSITORY}(?:/tree/(?:master|main))?(?:\?.*)?", "/{repo:lower}", "https://github.com/octo/net", "https://github.com/Octo/net.git"),
    Rewrite("github.com gitee.com", rf"/{REPOSITORY}(?P<rest>/.+)", "/{repo:lower}{rest}", "https://github.com/octo/net/issues/1", "https://github.com/Octo/Net/issues/1"),
    Rewrite("huggingface.co", r"/((?:datasets/|spaces/)?[\w.-]+/[\w.-]+)/tree/main(?:\?.*)?", "/{0}", "https://huggingface.co/octo/net", "https://huggingface.co/octo/net/tree/main"),
    # --- every site ---
    Rewrite("*", r"(.*)/(?:index|default)\.(?:s?html?|php|aspx?|jsp)(\?.*)?", "{0}{1}", "https://e.com/x", "https://e.com/x/index.html"),
    # --- pages that only lead on ---
    Unwrap("link.zhihu.com link.csdn.net link.juejin.cn", r"/?\?(?:.*&)?target=([^&]+).*", "https://e.com/x?id=7", "https://link.zhihu.com/?target=https%3A//e.com/x%3Fid%3D7"),
    Unwrap("google.com google.com.hk", r"/url\?(?:.*&)?(?:q|url)=([^&]+).*", "https://e.com/x", "https://www.google.com/url?sa=t&url=https%3A%2F%2Fe.com%2Fx"),
    Unwrap("mp.weixinbridge.com", r"/mp/wapredirect\?(?:.*&)?url=([^&]+).*", "https://e.com/x", "http://mp.weixinbridge.com/mp/wapredirect?url=https%3A%2F%2Fe.com%2Fx"),
    Unwrap("l.facebook.com lm.facebook.com", r"/l\.php\?(?:.*&)?u=([^&]+).*", "https://e.com/x", "https://l.facebook.com/l.php?u=https%3A%2F%2Fe.com%2Fx"),
    Unwrap("jianshu.com", r"/go-wild\?(?:.*&)?url=([^&]+).*", "https://e.com/x", "https://www.jianshu.com/go-wild?ac=2&url=https%3A%2F%2Fe.com%2Fx"),
)
# fmt: on

MOBILE = re.compile(r"^(?:www\.)+(?=.)|^(?:(?:www|m|wap|3g)\.)+(?=[^.]+\.[^.])|(?<=\.)m\.(?=[^.]+\.[^.])")
"""Labels of a host that tell how its pages are shown: ``www.``, ``m.``, and ``zh.m.`` in the middle."""


def host_name(host: str) -> str:
    """The host that stands for all with the same pages."""
    host = MOBILE.sub("", host.rstrip("."))
    return _aliases().get(host, host)


def tracks(parameter: str, host: str = "") -> bool:
    """Whether ``name=value`` only tells where a reader came from: on every host, or on this one."""
    own = _rules(host).drop if host else ()
    return bool(_tracks_anywhere().fullmatch(parameter)) or any(pattern.fullmatch(parameter) for pattern in own)


def redirected(host: str, rest: str) -> str | None:
    """The URL to use instead of another; None if that one is as good as any.

    Args:
        host: as `host_name` gives it.
        rest: path and query.
    """
    rules = _rules(host)
    for pattern in rules.unwrap:
        if found := pattern.fullmatch(rest):
            return unquote_plus(found[1])
    for pattern, to in rules.rewrite:
        if found := pattern.fullmatch(rest):
            page = to.format(*map(_Group, found.groups("")), **{n: _Group(g) for n, g in found.groupdict("").items()})
            page = page if to[0] not in "/{" else f"{host}{page}"
            if page != f"{host}{rest}":
                return f"https://{page}"
    return None


class _Group(str):
    """A group of a pattern, as ``{0:lower}`` formats it."""

    def __format__(self, change: str) -> str:
        return {"": self, "lower": self.lower(), "upper": self.upper(), "unquote": unquote(self).lower()}[change]


class _HostRules(NamedTuple):
    drop: tuple[re.Pattern[str], ...]
    rewrite: tuple[tuple[re.Pattern[str], str], ...]
    unwrap: tuple[re.Pattern[str], ...]


@lru_cache(1024)
def _rules(host: str) -> _HostRules:
    """The rules of a host, found by its name and those of the hosts above it."""
    labels = host.split(".")
    names = (host, *("." + ".".join(labels[n:]) for n in range(len(labels))), "*")
    found = [rule for name in names for rule in _by_name().get(name, ())]
    return _HostRules(
        tuple(_compiled(rule.pattern) for rule in found if isinstance(rule, Drop) and rule.hosts != "*"),
        tuple((_compiled(rule.pattern), rule.to) for rule in found if isinstance(rule, Rewrite)),
        tuple(_compiled(rule.pattern) for rule in found if isinstance(rule, Unwrap)),
    )


@cache
def _by_name() -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in RULES:
        for name in () if isinstance(rule, Alias) else rule.hosts.split():
            found.setdefault(name, []).append(rule)
    return found


@cache
def _aliases() -> dict[str, str]:
    return {rule.host: rule.to for rule in RULES if isinstance(rule, Alias)}


@cache
def _tracks_anywhere() -> re.Pattern[str]:
    return _compiled("|".join(rule.pattern for rule in RULES if isinstance(rule, Drop) and rule.hosts == "*"))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII)
