//! `math`: arithmetic over the answers of other queries, as `$A * 100 / ($B + 1)`.

mod evaluate;
mod parse;

pub(super) use evaluate::evaluate;
pub(super) use parse::{Expr, parse};

/// An operation on two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Remainder,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Not,
    Minus,
}

/// A function of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Log,
    Round,
    Ceil,
    Floor,
    IsNan,
    IsInf,
    IsNull,
    IsNumber,
}
