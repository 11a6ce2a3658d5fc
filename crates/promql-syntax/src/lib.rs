//! The PromQL grammar: lexer, syntax tree, parser, type check, printer.
