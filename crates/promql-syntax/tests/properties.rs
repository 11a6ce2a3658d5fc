//! Properties over generated queries: what prints reads back as the same tree, and nothing panics.

use std::sync::LazyLock;

use promql_syntax::ast::VectorSelector;
use promql_syntax::{Expr, ParseOptions, parse, prettify};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

type Text = BoxedStrategy<String>;

fn one_of(texts: &'static [&'static str]) -> Text {
    select(texts).prop_map(str::to_owned).boxed()
}

fn number() -> Text {
    one_of(&["0", "1", "0.5", "1e6", "1e-7", "0x1f", "017", "Inf", "NaN", "5m", "1h30m", "2w"])
}

fn duration() -> Text {
    let leaf = one_of(&["5m", "1h", "30", "1d12h", "step()", "range()"]);
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("min_of({a}, {b})")),
            (inner.clone(), one_of(&["+", "-", "*", "/", "%", "^"]), inner)
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        ]
    })
    .boxed()
}

fn label() -> Text {
    one_of(&["job", "by", "on", "\"a.b\"", "start", "atan2", "c.d", "été", "\"é .\""])
}

fn labels() -> Text {
    prop::collection::vec(label(), 0..3).prop_map(|all| format!("({})", all.join(", "))).boxed()
}

fn selector() -> Text {
    let name = one_of(&["foo", "sum", "by", "a:b", "offset", "step", "fill", "on.x", "温度:."]);
    let label = one_of(&["job", "le", "\"q r\"", "été.", "\".x\"", "\"x.\""]);
    let op = one_of(&["=", "!=", "=~", "!~"]);
    let value = one_of(&["\"x\"", "'it\\'s'", "\"\"", "\".+\"", "`a|b`", "\"é\\n\""]);
    let matcher = (label, op, value).prop_map(|(label, op, value)| label + &op + &value);
    let braces = prop::collection::vec(matcher, 0..3).prop_map(|all| match all.len() {
        0 => String::new(),
        _ => format!("{{{}}}", all.join(", ")),
    });
    (name, braces).prop_map(|(name, braces)| name + &braces).boxed()
}

fn modifiers() -> Text {
    let at = one_of(&["", " @ 10", " @ -1.5", " @ start()", " @ end()"]);
    let offset = prop_oneof![
        2 => Just(String::new()),
        1 => one_of(&[" offset 5m", " offset -1h", " offset step()"]),
        1 => duration().prop_map(|d| format!(" offset ({d})")),
    ];
    let extension = one_of(&["", "", " anchored", " smoothed"]);
    (extension, at, offset).prop_map(|(a, b, c)| a + &b + &c).boxed()
}

fn scalar(vector: Text) -> Text {
    prop_oneof![
        2 => number(),
        1 => one_of(&["time()", "pi()"]),
        1 => vector.prop_map(|v| format!("scalar({v})")),
    ]
    .boxed()
}

fn matching() -> Text {
    let clause =
        (one_of(&["on", "ignoring"]), labels()).prop_map(|(on, labels)| on + " " + &labels);
    let group = one_of(&["", "", " group_left", " group_right ()", " group_left (x)"]);
    let fill = one_of(&["", "", " fill (1)", " fill_left (-1) fill_right (2)"]);
    let full = (clause, group, fill).prop_map(|(a, b, c)| a + &b + &c);
    prop_oneof![Just(String::new()), full].boxed()
}

fn vector() -> Text {
    let leaf = (selector(), modifiers()).prop_map(|(s, m)| s + &m).boxed();
    leaf.prop_recursive(4, 24, 3, |inner| {
        let inner = inner.boxed();
        let range = (selector(), duration(), modifiers());
        let arithmetic =
            one_of(&["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "> bool", "</"]);
        prop_oneof![
            inner.clone().prop_map(|v| format!("({v})")),
            inner.clone().prop_map(|v| format!("-{v}")),
            inner.clone().prop_map(|v| format!("abs({v})")),
            range.prop_map(|(s, d, m)| format!("rate({s}[{d}]{m})")),
            (inner.clone(), duration(), duration())
                .prop_map(|(v, r, s)| format!("max_over_time(({v})[{r}:{s}])")),
            (one_of(&["sum", "avg"]), one_of(&["by", "without"]), labels(), inner.clone())
                .prop_map(|(op, by, labels, v)| format!("{op} {by} {labels} ({v})")),
            (scalar(inner.clone()), inner.clone()).prop_map(|(s, v)| format!("topk({s}, {v})")),
            (inner.clone(), arithmetic.clone(), matching(), inner.clone())
                .prop_map(|(a, op, m, b)| format!("{a} {op} {m} {b}")),
            (scalar(inner.clone()), arithmetic, inner.clone())
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (inner.clone(), one_of(&["and", "or", "unless"]), inner)
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        ]
    })
    .boxed()
}

/// The tree without what printing may change: positions, and the order of matchers.
fn shape(expr: &Expr) -> String {
    static SPANS: LazyLock<regex::Regex> = LazyLock::new(|| {
        regex::Regex::new(r"(op_)?span: Span \{ start: [0-9]+, end: [0-9]+ \}").expect("valid")
    });
    let mut expr = expr.clone();
    for_each_selector(&mut expr, &mut |selector| {
        selector.matchers.sort_by_cached_key(ToString::to_string);
    });
    SPANS.replace_all(&format!("{expr:?}"), "").into_owned()
}

fn for_each_selector(expr: &mut Expr, visit: &mut impl FnMut(&mut VectorSelector)) {
    match expr {
        Expr::Vector(node) => visit(node),
        Expr::Matrix(node) => visit(&mut node.selector),
        Expr::Aggregate(node) => {
            for child in node.param.iter_mut().chain([&mut node.expr]) {
                for_each_selector(child, visit);
            }
        }
        Expr::Binary(node) => {
            for_each_selector(&mut node.lhs, visit);
            for_each_selector(&mut node.rhs, visit);
        }
        Expr::Call(node) => node.args.iter_mut().for_each(|arg| for_each_selector(arg, visit)),
        Expr::Paren(node) => for_each_selector(&mut node.expr, visit),
        Expr::Subquery(node) => for_each_selector(&mut node.expr, visit),
        Expr::Unary(node) => for_each_selector(&mut node.expr, visit),
        Expr::Number(_) | Expr::String(_) => {}
    }
}

/// Whatever of the language, in any order.
fn soup() -> impl Strategy<Value = String> {
    let token = select(
        &[
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "-",
            "+",
            "*",
            "^",
            "5m",
            "1h",
            "10",
            "0",
            "offset",
            "@",
            "anchored",
            "smoothed",
            "bool",
            "on",
            "ignoring",
            "group_left",
            "fill",
            "fill_right",
            "by",
            "without",
            "and",
            "or",
            "sum",
            "topk",
            "foo",
            "rate",
            "\"x\"",
            "\"\\xff\"",
            "=",
            "=~",
            "!~",
            "==",
            "</",
            "inf",
            "0x1f",
            "1e",
            "limitk",
            "info",
            "time",
            "step",
            "min_of",
            "start",
            "#",
            "\n",
            "é",
            "a.b",
            "温度",
            "\\",
            "\"",
            "`",
            "'",
            ".",
            "1y2w",
            "_",
            "__name__",
            "$",
            "\u{fffd}",
            "\0",
        ][..],
    );
    let separator = select(&["", " "][..]);
    prop::collection::vec((token, separator), 0..40)
        .prop_map(|all| all.into_iter().flat_map(|(token, gap)| [token, gap]).collect())
}

fn quoted_names() -> ParseOptions {
    ParseOptions { unquoted_utf8_names: false, ..ParseOptions::all_features() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn printed_queries_read_back(query in vector()) {
        for options in [ParseOptions::all_features(), quoted_names()] {
            // Some are refused, e.g. for matching by and grouping over the same label.
            let Ok(expr) = parse(&query, &options) else { continue };
            // The reference prints the literal with a sign, which binds less than the power.
            if expr.to_string().contains("+Inf ^") {
                continue;
            }
            for text in [expr.to_string(), prettify(&expr)] {
                let again = parse(&text, &options).expect(&text);
                prop_assert_eq!(again.to_string(), expr.to_string());
                prop_assert_eq!(shape(&again), shape(&expr));
            }
        }
    }

    /// Whoever has quoted names asks for the same with the feature.
    #[test]
    fn quoted_names_mean_the_same_with_and_without_the_feature(query in vector()) {
        let Ok(quoted) = parse(&query, &quoted_names()) else { return Ok(()) };
        let expr = parse(&query, &ParseOptions::all_features()).expect(&query);
        let shape = shape(&expr).replace("utf8_names: true", "utf8_names: false");
        prop_assert_eq!(shape, self::shape(&quoted));
    }

    #[test]
    fn no_token_soup_panics(query in soup()) {
        let parsed = parse(&query, &ParseOptions::all_features());
        if let Ok(expr) = parsed {
            prop_assert!(expr.span().end <= query.len());
        }
    }

    #[test]
    fn no_text_panics(query in ".*") {
        drop(parse(&query, &ParseOptions::all_features()));
    }
}

/// Guards the property above against a generator that only makes queries the parser refuses.
#[test]
fn most_generated_queries_are_valid() {
    let mut runner = TestRunner::deterministic();
    let queries = (0..200).map(|_| vector().new_tree(&mut runner).unwrap().current());
    let valid = queries.filter(|query| parse(query, &ParseOptions::all_features()).is_ok());
    assert!(valid.count() > 120);
}
