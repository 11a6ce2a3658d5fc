//! The query broken over lines, as the `format_query` API returns it.
//!
//! Source: Prometheus v3.14, `promql/parser/prettier.go`. A node whose canonical text fits the
//! width stays on one line; any other puts its parts on lines of their own, two blanks deeper.

use crate::ast::Expr;

/// Bytes of a line, indentation not counted.
const WIDTH_MAX: usize = 100;
const INDENT: &str = "  ";

/// The text of `expr` with line breaks. Cost: every level prints its subtree, so quadratic in the
/// depth at worst.
pub fn prettify(expr: &Expr) -> String {
    pretty(expr, 0)
}

fn pretty(expr: &Expr, level: usize) -> String {
    let text = expr.to_string();
    let indent = INDENT.repeat(level);
    let fits = text.len() <= WIDTH_MAX;
    match expr {
        Expr::Subquery(_) if fits => text,
        Expr::Subquery(node) => {
            let mut out = pretty(&node.expr, level);
            node.fmt_suffix(&mut out).expect("writing to a string cannot fail");
            out
        }
        Expr::Unary(node) => {
            format!("{indent}{}{}", node.op, pretty(&node.expr, level).trim())
        }
        Expr::Matrix(_) | Expr::Number(_) | Expr::String(_) | Expr::Vector(_) => indent + &text,
        _ if fits => indent + &text,
        Expr::Aggregate(node) => {
            let mut out = indent.clone();
            node.fmt_head(&mut out).expect("writing to a string cannot fail");
            out += "(\n";
            if let Some(param) = &node.param {
                out += &pretty(param, level + 1);
                out += ",\n";
            }
            out + &pretty(&node.expr, level + 1) + "\n" + &indent + ")"
        }
        Expr::Binary(node) => {
            let mut out = pretty(&node.lhs, level + 1) + "\n" + &indent;
            node.fmt_operator(&mut out).expect("writing to a string cannot fail");
            out + "\n" + &pretty(&node.rhs, level + 1)
        }
        Expr::Call(node) => {
            let args: Vec<String> = node.args.iter().map(|arg| pretty(arg, level + 1)).collect();
            format!("{indent}{}(\n{}\n{indent})", node.function.name, args.join(",\n"))
        }
        Expr::Paren(node) => format!("{indent}(\n{}\n{indent})", pretty(&node.expr, level + 1)),
    }
}
