"""Explain errors in the form's language: the package's own, those of the operating system, and those of YAML.

The package says its errors in English, for logs and the command line.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from embedai_nb.errors import EmbedAIError
from embedai_nb.text.locations import FIELDS

__all__ = ["explain"]

SYSTEM = {
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "磁盘配额用完了",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘是只读的",
    errno.ENOENT: "文件或文件夹不在了",
    errno.ENOTDIR: "文件夹的位置上是一个文件",
    errno.EISDIR: "文件的位置上是一个文件夹",
    errno.EEXIST: "同名的文件已经有了",
    errno.ELOOP: "符号链接绕成了圈",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EFBIG: "文件太大",
    errno.EIO: "磁盘读写出错",
    errno.EBUSY: "文件正被别的程序占用",
    errno.ETXTBSY: "文件正被别的程序占用",
    errno.EMFILE: "打开的文件太多",
    errno.ENFILE: "打开的文件太多",
    errno.ENOMEM: "内存不够",
    errno.ESTALE: "网络文件夹失去了联系",
    errno.ETIMEDOUT: "等得太久，没有答复",
    errno.ECONNREFUSED: "对方不接受连接",
    errno.EHOSTUNREACH: "连不上对方",
    errno.ENETUNREACH: "没有联网",
    errno.EPIPE: "对方中断了连接",
}
UNKNOWN_SYSTEM = "系统报告第 {number} 号错误"

YAML: Sequence[tuple[str, str]] = (
    ("mapping values are not allowed", "这里不该有“: ”"),
    ("unexpected end of stream", "引号没有关上，直到文件末尾"),
    ("cannot start any token", "文字不能以这个符号开头"),
    ("could not find expected ':'", "键的后面少了冒号"),
    ("did not find expected key", "缩进与上面的键不齐，或者少了引号"),
    ("did not find expected '-' indicator", "缩进与上面的各条不齐"),
    ("did not find expected ',' or ']'", "方括号没有关上，或者少了逗号"),
    ("did not find expected ',' or '}'", "花括号没有关上，或者少了逗号"),
    ("block end", "缩进与上面的各行不齐"),
    ("tab character", "缩进里有制表符"),
    ("block sequence entries are not allowed", "这里不该有“- ”"),
    ("mapping keys are not allowed", "这里不该有“? ”"),
    ("unknown escape character", "双引号里的反斜杠后面不认识"),
    ("duplicate anchor", "锚点重复"),
    ("undefined alias", "引用了没有的锚点"),
    ("control characters", "有看不见的控制字符"),
)
UNKNOWN_YAML = "写法不合 YAML 的规则"

PROBLEMS: Sequence[tuple[str, str]] = (
    (r"cannot be written: .*", "写不进去"),
    (r"cannot be read", "读不出来"),
    (r"a tab in the indentation", "缩进里有制表符"),
    (r"control character (U\+\w+)", r"有控制字符 \1"),
    (r"keys with values expected", "整个文件应当是一组“键: 值”"),
    (r"the file is empty", "文件是空的"),
    (r"a second document", "文件里有第二份文档"),
    (r"anchors and aliases are not allowed", "不能用锚点和引用"),
    (r"tag (.*) is not allowed", r"不能用标签“\1”"),
    (r"nested too deeply", "套得太深"),
    (r"lists, quotes or emphasis nested deeper than (\d+) levels", r"列表、引用或强调套了超过 \1 层"),
    (r"key `(.*)` is there twice, first in line (\d+)", r"“\1”有两个，第一个在第 \2 行"),
    (r"`(.*)` has no value", r"“\1”没有值"),
    (r"a key has to be a plain word", "键应当是一个词"),
    (r"not UTF-8: byte (0x\w+) at offset (\d+)", r"不是 UTF-8：第 \2 字节是 \1"),
    (r"not a number", "不是数字"),
    (r"(.*) is newer than this program, which knows (.*)", r"草稿的格式是第 \1 版，这个程序只认得第 \2 版"),
    (r"(.*) was never used", r"从来没有第 \1 版"),
    (r"no such key", "没有这样的键"),
    (r"`(.*)` is not known", r"不认得“\1”"),
    (r"the draft is of (.*), its name says (.*)", r"草稿里的日期是 \1，文件名是 \2"),
    (r"no draft of this date|no such file", "没有这个文件"),
    (r"there is a draft of this date already", "这一天已经有草稿了"),
    (r"changed since it was loaded|changed meanwhile", "在别处改过"),
    (r"there is an issue of (.*) already", r"\1 已经有一期了"),
    (r"the draft is not saved", "草稿还没有保存"),
    (r"(.*) is no day of the calendar", r"日历上没有 \1 这一天"),
    (r"(.*) is no date", r"\1 不是日期"),
    (r"the draft of (.*) is being written by .*", r"别的程序正在写 \1 的草稿"),
    (r"issue (.*) is being published by .*", r"别的程序正在发布 \1"),
    (r"no newsletter.yaml there", "文件夹里没有 newsletter.yaml"),
    (r"missing", "少了这一项"),
    (r"text expected", "应当是一段文字"),
    (r"a list expected", "应当是一个列表"),
    (r"true or false expected", "应当是 true 或 false"),
    (r"more than (.*) texts, lists and keys", r"文字、列表和键超过 \1 个"),
    (r"damaged", "文件坏了"),
    (r"not the name of a draft", "不是草稿的文件名"),
    (r"no such commit: (.*)", r"没有这个提交：\1"),
    (
        r"in no repository of Git, or Git is not installed|the issues folder is in no git repository",
        "不在 git 仓库里，或者没有装 git",
    ),
    (r"cannot be compared with the working tree", "不能与工作区比较"),
    (r"cannot be (?:set|staged)", "git 没有做成"),
    (r".*conflict marker.*", "有 git 留下的冲突标记"),
    (r"more than ([\d,x]+) texts, lists and keys", r"文字、列表和键超过 \1 个"),
    (r"more than ([\d,x]+) items", r"超过 \1 条"),
    (r"([\d.]+) MB, and at most ([\d.]+) MB are read", r"有 \1 MB，最多只读 \2 MB"),
    (r"damaged", "文件坏了"),
    (r"not the name of a draft", "草稿的文件名不对"),
    (r"cannot be staged", "git 没能暂存它"),
    (r"cannot be set", "git 的设置写不进去"),
    (r"no such commit: (.*)", r"没有 \1 这个提交"),
    (r"cannot be compared with the working tree", "不能与工作区比较"),
    (r".*in no (?:git repository|repository of Git).*", "不在 git 仓库里"),
)
UNKNOWN = "内容不合要求"

REMEDIES: Sequence[tuple[str, str]] = (
    (r"a text with `: ` in it needs quotes", "带“: ”的文字要加引号"),
    (r"close the quotes", "把引号关上"),
    (r"a text that begins with (.*) needs quotes", "以这些符号开头的文字要加引号"),
    (r"a text with a comma in it needs quotes", "带逗号的文字要加引号"),
    (r"a key is followed by a colon and a space; .*", "键的后面要有冒号和空格，一段文字的其余各行要缩进"),
    (r"indent it like (.*)", "缩进要与上面的一样"),
    (r"indent with spaces", "用空格缩进"),
    (r"save the file as UTF-8|convert the file to UTF-8", "存成 UTF-8"),
    (r"take it back from git, or delete it", "从 git 取回，或者删掉"),
    (r"remove the line `---`", "删掉“---”那一行"),
    (r"begin (?:the draft )?with `schema: 1`", "第一行写“schema: 1”"),
    (r"write `key: value`", "写成“键: 值”"),
    (r"join the two", "合成一个"),
    (r"did you mean `(.*)`\?", r"是不是“\1”？"),
    (r"begin each entry with `- `", "每一条以“- ”开头"),
    (r"write '.*", "换成认识的值"),
    (r"remove it, or make it a comment", "删掉，或者写成注释"),
    (r"make the two agree", "改成一样的"),
    (r"write it as in (.*)", r"写成 \1 的样子"),
    (r"update embedai-nb", "请更新程序"),
    (r"choose another date", "换一个日期"),
    (r"save it first", "先等它保存好"),
    (r"wait until it has ended", "等它结束再试"),
    (r"take the inner ones out", "把里层的拿出来"),
    (r"nothing was changed; .*", "文件没有动过"),
    (r"divide it into several issues", "分成几期"),
)

CHINESE = re.compile("[\u4e00-\u9fff]")


def explain(error: BaseException) -> str:
    """Say what is wrong, where, and what to do about it; no full stop."""
    if isinstance(error, EmbedAIError):
        remedy = _translated(error.remedy or "", REMEDIES, "")
        return "：".join(filter(None, (_where(error), _problem(error)))) + (f"；{remedy}" if remedy else "")
    if isinstance(error, OSError):
        return _system(error)
    return f"{type(error).__name__}: {error}"  # none that anybody foresaw: its own words are what helps


def _where(error: EmbedAIError) -> str:
    parts = (
        Path(error.path).name if error.path else "",
        f"第 {error.line} 行" if error.line else "",
        (error.item or "").replace("warmups", FIELDS["warmups"]),
        _labelled((error.field or "").removeprefix("fields.")),
    )
    return " ".join(filter(None, parts))


def _labelled(field: str) -> str:
    """A field by its label; one of no label by its name."""
    known = FIELDS.get(field.lower(), field)
    return known if not field or CHINESE.search(known) else f"“{field}”"


def _problem(error: EmbedAIError) -> str:
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno:  # a lock that times out has none
        return _system(cause)
    if isinstance(cause, yaml.MarkedYAMLError):
        return next((said for part, said in YAML if part in str(cause.problem)), UNKNOWN_YAML)
    return _translated(error.problem, PROBLEMS, UNKNOWN)


def _system(error: OSError) -> str:
    return SYSTEM.get(error.errno or 0) or UNKNOWN_SYSTEM.format(number=error.errno or 0)


def _translated(text: str, patterns: Sequence[tuple[str, str]], unknown: str) -> str:
    """Translate a text of the package; one that is none of these, and not Chinese already, becomes ``unknown``."""
    for pattern, said in patterns:
        if found := re.fullmatch(pattern, text):
            return found.expand(said)
    return text if CHINESE.search(text) else unknown
