import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.query.markdown_text import code_block, code_span, escape

_EVIL = "[c](javascript:x) ![i](http://a.b) <img src=x> www.a.b a@b.c `x` | *b* &lt; # - \\"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("[c](javascript:x)", r"\[c\]\(javascript:x\)"),
        ("![i](x)", r"\!\[i\]\(x\)"),
        ("<img>", r"\<img\>"),
        ("http://a.b", r"http\://a.b"),
        ("WWW.a.b", r"WWW\.a.b"),
        ("a@b.c", r"a\@b.c"),
        ("a|b", r"a\|b"),
        ("`x` *b* _i_ ~s~", r"\`x\` \*b\* \_i\_ \~s\~"),
        ("&#91;x", r"\&\#91;x"),
        ("# h", r"\# h"),
        ("- a", r"\- a"),
        ("---", r"\---"),
        ("1. a", r"1\. a"),
        ("-0.75", "-0.75"),
        ("x=0.1", "x=0.1"),
        ("a\nb\x1b[31m", r"a\\nb\\x1b\[31m"),
    ],
)
def test_what_markdown_would_read_is_escaped(text: str, written: str) -> None:
    assert escape(text) == written


@given(st.text(alphabet=st.sampled_from([*_EVIL, "\n", "\x1b", "\u202e"])))
def test_an_escaped_text_says_what_it_said_on_one_line(text: str) -> None:
    written = escape(text)

    assert written.isprintable()
    plain = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", written)
    if text.isprintable():
        assert plain == text
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[<`|]", written)


@given(st.text(alphabet="`a \n|<"))
def test_a_code_span_holds_its_text_whatever_ticks_it_has(text: str) -> None:
    written = code_span(text)

    found = re.fullmatch(r"(`+)( ?)(.*?)\2\1", written)
    assert found is not None
    fence, _, inside = found.groups()
    assert fence not in re.findall("`+", inside)
    assert inside == text.replace("\n", "\\n")


def test_no_line_leaves_a_block_of_code() -> None:
    lines = code_block("```\n</pre>\n# h\n").split("\n")

    assert lines == ["    ```", "    </pre>", "    # h", "    "]
