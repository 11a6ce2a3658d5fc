//! The grammar of `math`, by recursive descent. Loosest first: `||`, `&&`, comparisons, `+ -`,
//! `* / %`, `**`, and the prefixes `!` and `-`. All operators go from left to right.

use super::{Binary, Function, Unary};

/// Nesting of one expression.
const DEPTH_MAX: usize = 100;

/// Operators of one expression: the tree of a chain of them is as deep as the chain is long.
const OPERATORS_MAX: usize = 300;

#[derive(Clone, Debug, PartialEq)]
pub(in crate::portal::sources::query::expression) enum Expr {
    /// `None` is `null()`.
    Scalar(Option<f64>),
    Variable(String),
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    Call(Function, Box<Expr>),
}

impl Expr {
    /// Calls `of` with the name of every variable.
    pub(in crate::portal::sources::query::expression) fn for_each_variable<'a>(
        &'a self,
        of: &mut impl FnMut(&'a str),
    ) {
        match self {
            Self::Scalar(_) => {}
            Self::Variable(name) => of(name),
            Self::Unary(_, inner) | Self::Call(_, inner) => inner.for_each_variable(of),
            Self::Binary(_, left, right) => {
                left.for_each_variable(of);
                right.for_each_variable(of);
            }
        }
    }
}

/// Errors say what was found and where, in bytes from the start.
pub(in crate::portal::sources::query::expression) fn parse(text: &str) -> Result<Expr, String> {
    let mut parser = Parser { text, at: 0, depth: 0, operators: 0 };
    let expr = parser.level(0)?;
    parser.skip_space();
    if parser.rest().is_empty() { Ok(expr) } else { Err(parser.unexpected()) }
}

/// Operators by level, the loosest first; where one is the start of another the longer comes first.
const LEVELS: [&[(&str, Binary)]; 6] = [
    &[("||", Binary::Or)],
    &[("&&", Binary::And)],
    &[
        ("==", Binary::Equal),
        ("!=", Binary::NotEqual),
        ("<=", Binary::LessOrEqual),
        (">=", Binary::GreaterOrEqual),
        ("<", Binary::Less),
        (">", Binary::Greater),
    ],
    &[("+", Binary::Plus), ("-", Binary::Minus)],
    &[("*", Binary::Times), ("/", Binary::Divide), ("%", Binary::Remainder)],
    &[("**", Binary::Power)],
];

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    operators: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn unexpected(&self) -> String {
        let found = self.rest().chars().next();
        found.map_or_else(
            || "unexpected end of the expression".to_owned(),
            |found| format!("unexpected {found:?} at {}", self.at),
        )
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn level(&mut self, level: usize) -> Result<Expr, String> {
        let Some(operators) = LEVELS.get(level) else { return self.prefix() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            self.operators += 1;
            if self.operators > OPERATORS_MAX {
                return Err(format!("the expression has more than {OPERATORS_MAX} operators"));
            }
            let right = self.level(level + 1)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[(&str, Binary)]) -> Option<Binary> {
        self.skip_space();
        let rest = self.rest();
        let (token, operator) = operators.iter().find(|(token, _)| rest.starts_with(token))?;
        if *operator == Binary::Times && rest.starts_with("**") {
            return None;
        }
        self.at += token.len();
        Some(*operator)
    }

    fn prefix(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("the expression is nested deeper than {DEPTH_MAX}"));
        }
        let expr = if self.take("-") {
            Expr::Unary(Unary::Minus, Box::new(self.prefix()?))
        } else if !self.rest().starts_with("!=") && self.take("!") {
            Expr::Unary(Unary::Not, Box::new(self.prefix()?))
        } else if self.take("(") {
            self.closed()?
        } else if self.take("$") {
            Expr::Variable(self.variable()?)
        } else {
            self.number_or_call()?
        };
        self.depth -= 1;
        Ok(expr)
    }

    /// What is left of `( … )`.
    fn closed(&mut self) -> Result<Expr, String> {
        let inner = self.level(0)?;
        if self.take(")") { Ok(inner) } else { Err(self.unexpected()) }
    }

    /// What follows `$`: a word, or anything in braces.
    fn variable(&mut self) -> Result<String, String> {
        let rest = self.rest();
        let (name, length) = match rest.strip_prefix('{') {
            Some(inner) => {
                let end = inner.find('}').ok_or("unterminated variable, missing closing }")?;
                (&inner[..end], end + 2)
            }
            None => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let end = end.unwrap_or(rest.len());
                (&rest[..end], end)
            }
        };
        if name.is_empty() {
            return Err(self.unexpected());
        }
        self.at += length;
        Ok(name.to_owned())
    }

    fn number_or_call(&mut self) -> Result<Expr, String> {
        self.skip_space();
        let rest = self.rest();
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return self.number();
        }
        let name = &rest[..word];
        if name.is_empty() {
            return Err(self.unexpected());
        }
        self.at += word;
        if !self.take("(") {
            return Err(format!("{name:?} is no function; queries are written ${name}"));
        }
        let constant = match name {
            "nan" => Some(Some(f64::NAN)),
            "inf" => Some(Some(f64::INFINITY)),
            "infn" => Some(Some(f64::NEG_INFINITY)),
            "null" => Some(None),
            _ => None,
        };
        if let Some(constant) = constant {
            return if self.take(")") {
                Ok(Expr::Scalar(constant))
            } else {
                Err(self.unexpected())
            };
        }
        let function = match name {
            "abs" => Function::Abs,
            "log" => Function::Log,
            "round" => Function::Round,
            "ceil" => Function::Ceil,
            "floor" => Function::Floor,
            "is_nan" => Function::IsNan,
            "is_inf" => Function::IsInf,
            "is_null" => Function::IsNull,
            "is_number" => Function::IsNumber,
            _ => return Err(format!("non existent function {name}")),
        };
        Ok(Expr::Call(function, Box::new(self.closed()?)))
    }

    fn number(&mut self) -> Result<Expr, String> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut end = 0;
        while let Some(byte) = bytes.get(end) {
            let signed = matches!(byte, b'+' | b'-')
                && end > 0
                && matches!(bytes[end - 1], b'e' | b'E')
                && !rest.starts_with("0x");
            if !(byte.is_ascii_alphanumeric() || *byte == b'.' || signed) {
                break;
            }
            end += 1;
        }
        let written = &rest[..end];
        let number = match written.strip_prefix("0x").or_else(|| written.strip_prefix("0X")) {
            Some(hex) => u64::from_str_radix(hex, 16).ok().map(|n| n as f64),
            // Rust takes `infinity` and `nan` for numbers, which begin with letters.
            None => written.parse().ok(),
        };
        let number = number.ok_or_else(|| format!("{written:?} is no number"))?;
        self.at += end;
        Ok(Expr::Scalar(Some(number)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Expr, parse};

    /// An expression with all its parentheses.
    fn shown(expr: &Expr) -> String {
        match expr {
            Expr::Scalar(None) => "null".to_owned(),
            Expr::Scalar(Some(v)) => v.to_string(),
            Expr::Variable(name) => format!("${name}"),
            Expr::Unary(op, inner) => format!("{op:?}({})", shown(inner)),
            Expr::Binary(op, left, right) => format!("({} {op:?} {})", shown(left), shown(right)),
            Expr::Call(function, inner) => format!("{function:?}({})", shown(inner)),
        }
    }

    #[test]
    fn expressions_are_read_by_precedence() {
        for (text, want) in [
            ("1", "1"),
            (" 1.5e3 ", "1500"),
            ("1e-2", "0.01"),
            ("0x1F", "31"),
            (".5", "0.5"),
            ("$A", "$A"),
            ("${my query}", "$my query"),
            ("$A + $B * 2", "($A Plus ($B Times 2))"),
            ("$A - $B - $C", "(($A Minus $B) Minus $C)"),
            ("$A*2**3", "($A Times (2 Power 3))"),
            ("2**3**2", "((2 Power 3) Power 2)"),
            ("-$A + 1", "(Minus($A) Plus 1)"),
            ("!$A || $B && $C", "(Not($A) Or ($B And $C))"),
            ("$A != $B", "($A NotEqual $B)"),
            ("$A>=1&&$A<=2", "(($A GreaterOrEqual 1) And ($A LessOrEqual 2))"),
            ("($A + $B) % 10", "(($A Plus $B) Remainder 10)"),
            ("abs(log($A))", "Abs(Log($A))"),
            ("is_nan( nan( ) )", "IsNan(NaN)"),
            ("null()", "null"),
            ("1-1", "(1 Minus 1)"),
        ] {
            assert_eq!(parse(text).map(|expr| shown(&expr)), Ok(want.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_is_said() {
        let deep = "(".repeat(100_000);
        let minus = "-".repeat(100_000);
        let long = "1+".repeat(100_000);
        for (text, want) in [
            ("", "unexpected end"),
            ("1 +", "unexpected end"),
            ("1 2", "unexpected '2' at 2"),
            ("$", "unexpected end"),
            ("${A", "missing closing }"),
            ("A + 1", "queries are written $A"),
            ("nope(1)", "non existent function nope"),
            ("abs(1", "unexpected end"),
            ("abs()", "unexpected ')'"),
            ("nan(1)", "unexpected '1'"),
            ("1..2", "is no number"),
            ("0xZZ", "is no number"),
            ("1e", "is no number"),
            ("$A = 1", "unexpected '='"),
            ("ä", "queries are written"),
            ("$A \u{0}", "unexpected"),
            (&deep, "nested deeper"),
            (&minus, "nested deeper"),
            (&long, "more than 300 operators"),
        ] {
            let error = parse(text).unwrap_err();
            let start: String = text.chars().take(20).collect();
            assert!(error.contains(want), "{start}: {error}");
        }
    }
}
