//! The PromQL grammar: lexer, syntax tree, parser, type check, printer.

pub mod ast;
mod check;
mod error;
pub mod functions;
mod go_float;
mod lexer;
mod literal;
mod names;
pub mod ops;
mod options;
mod parser;
mod pretty;
mod print;
pub mod text;
mod token;

pub use ast::{Expr, Span, ValueType};
pub use error::ParseError;
pub use literal::{format_duration, parse_duration};
pub use options::{DEPTH_MAX_DEFAULT, LENGTH_MAX_DEFAULT, ParseOptions};
pub use parser::{parse, parse_selector};
pub use pretty::prettify;
