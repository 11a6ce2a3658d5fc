//! The PromQL grammar: lexer, syntax tree, parser, type check, printer.

pub mod ast;
mod error;
pub mod functions;
pub mod ops;
mod options;
pub mod text;

pub use ast::{Expr, Span, ValueType};
pub use error::ParseError;
pub use options::{DEPTH_MAX_DEFAULT, LENGTH_MAX_DEFAULT, ParseOptions};
