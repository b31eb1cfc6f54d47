"""Elements: tags go, other things in angle brackets stay, and what is raised or lowered can be read."""

import time

import pytest

from halo.corpus.cleaning.markup.elements import remove_tags


@pytest.mark.parametrize(
    "text",
    [
        "The effect (<data not shown>) in <Table 1> was small.",
        "If x <a and b> c then stop; <b, c>, a < b and c > d, p<0.05 and q>3",
        "a <b> c, <i> and <p-value>, <time>, <run>, <unk>, <s>, <name>, <title of work>",
        "vector<string> x; List<String>; #include <stdio.h>; a<b>c; std::map<int, a>",
        "<http://example.org>, <me@example.org>, <key:value>, <3, <->, <>, </>, < br >, <a b c>, <a b=>",
        "<think> so <answer>",
    ],
)
def test_what_is_no_tag_is_text(text: str) -> None:
    assert remove_tags(text) == (text, 0)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (
            "un<em>believ</em>able, <b>C</b>OVID, <span class='x'>in</span>line, su<wbr>per",
            "unbelievable, COVID, inline, super",
        ),
        ("<p>one</p><p>two</p><li>a<li>b<br>c<br/>d<BR />e", " one  two  a b c d e"),
        ("<a href='x' target=_blank>l</a><img src=x alt=\"a > b\">m", "l m"),
        ('<input type="text" required><td nowrap>x</td><a href="x"class="y">z</a>', "  x z"),
        ("<a href=x?y=1&z=2>l</a>, <font color=#ff0000>f</font>, <i xml:lang='la'\n data-x='1'>g</i>", "l, f, g"),
        ("<time datetime=2020>now</time>, <time>then</time>, <q>so</q>", 'now, then, "so"'),
        ("<jats:p>in <jats:italic>vivo</jats:italic></jats:p>", " in vivo "),
        ("<sec id='s1'><title>T</title><xref rid='R1'>1</xref></sec>", "  T 1 "),
        ("<w:t>x</w:t><o:p/><persName ref='#a'>Ada</persName>", " x   Ada "),
    ],
)
def test_tags_go_and_only_blocks_leave_a_space(text: str, plain: str) -> None:
    assert remove_tags(text)[0] == plain
    assert remove_tags(plain) == (plain, 0)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("CO<sub>2</sub>, H<SUB>2</SUB>O, T<sub>max</sub>, log<sub>10</sub>2", "CO2, H2O, Tmax, log10 2"),
        ("10<sup>5</sup>, 10<sup>-6</sup>, 10<sup>−6</sup>, 10 <sup>6</sup>", "10^5, 10^-6, 10^−6, 10^6"),
        ("m<sup>2</sup>, kg/m<sup>2</sup>, cm<sup>-1</sup>, min<sup>-1</sup>", "m^2, kg/m^2, cm^-1, min^-1"),
        ("R<sup>2</sup>, 2<sup>n</sup>, x<sup>n+1</sup>, (a+b)<sup>2</sup>", "R^2, 2^n, x^(n+1), (a+b)^2"),
        ("19<sup>th</sup>, 1<sup>er</sup>, M<sup>lle</sup>, X<sup>TM</sup>, Y<sup>®</sup>", "19th, 1er, Mlle, XTM, Y®"),
        ("Ca<sup>2+</sup>, CD4<sup>+</sup>, SO<sub>4</sub><sup>2-</sup>, <sup>14</sup>C", "Ca2+, CD4+, SO4^2-, 14C"),
        ("patients<sup>12</sup> were.<sup>3,4</sup> In 2010<sup>5</sup>", "patients [12] were. [3,4] In 2010 [5]"),
        ("COVID-19<sup>3</sup>, 12%<sup>1</sup>, word<sup>*</sup>", "COVID-19 [3], 12% [1], word*"),
        ("10<jats:sup>3</jats:sup>, 10<sup><i>n</i></sup>, 10<sup><a href='x'>3</a></sup>", "10^3, 10^n, 10^3"),
        ("<sup>alone, x<sub>", "alone, x"),
    ],
)
def test_raised_and_lowered_text(text: str, plain: str) -> None:
    assert remove_tags(text)[0] == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<mml:msup><mml:mn>10</mml:mn><mml:mrow><mml:mo>-</mml:mo><mml:mn>6</mml:mn></mml:mrow></mml:msup>", "10^-6"),
        ("<math><msub><mi>x</mi><mn>1</mn></msub><mo>=</mo><msup><mi>y</mi><mn>2</mn></msup></math>", "x1=y^2"),
        ("<mfrac><mn>1</mn><mn>2</mn></mfrac>", "1/2"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><msup><mi>b</mi><mn>2</mn></msup></mfrac>", "(a+1)/(b^2)"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "xi^2"),
    ],
)
def test_formulas_of_mathml(text: str, plain: str) -> None:
    assert remove_tags(text)[0] == plain


def test_the_number_of_tags_is_counted() -> None:
    assert remove_tags("<p>10<sup>5</sup> <b>x</b></p>")[1] == 6


@pytest.mark.parametrize("piece", ['<a b="x" ', "<a b=c=d", "<a b='", "<sup>", "<msup><mn>", "< ", "<a ", " a=b"])
def test_unfinished_tags_take_no_longer_than_other_text(piece: str) -> None:
    began = time.perf_counter()
    remove_tags("<a" + piece * 20_000)
    assert time.perf_counter() - began < 5
