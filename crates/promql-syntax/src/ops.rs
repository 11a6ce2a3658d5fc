//! The operators of PromQL and how they are written.

/// An enum whose variants each have one spelling.
macro_rules! spelled {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

spelled! {
    /// Aggregation operators.
    AggregateOp {
        Avg = "avg", Bottomk = "bottomk", Count = "count", CountValues = "count_values",
        Group = "group", LimitRatio = "limit_ratio", Limitk = "limitk", Max = "max", Min = "min",
        Quantile = "quantile", Stddev = "stddev", Stdvar = "stdvar", Sum = "sum", Topk = "topk",
    }
}

spelled! {
    /// Binary operators. `TrimUpper` (`</`) and `TrimLower` (`>/`) cut the buckets of native
    /// histograms above or below a bound.
    BinaryOp {
        Add = "+", Sub = "-", Mul = "*", Div = "/", Mod = "%", Pow = "^", Atan2 = "atan2",
        Eq = "==", Ne = "!=", Lt = "<", Le = "<=", Gt = ">", Ge = ">=",
        TrimUpper = "</", TrimLower = ">/",
        And = "and", Or = "or", Unless = "unless",
    }
}

spelled! {
    /// Signs.
    UnaryOp { Plus = "+", Minus = "-" }
}

spelled! {
    /// Operators of label matchers.
    MatchOp { Eq = "=", Ne = "!=", Re = "=~", Nre = "!~" }
}

spelled! {
    /// Operators and two-argument functions of duration expressions.
    DurationOp {
        Add = "+", Sub = "-", Mul = "*", Div = "/", Mod = "%", Pow = "^",
        MaxOf = "max_of", MinOf = "min_of",
    }
}

impl AggregateOp {
    /// True if the first of two arguments is a parameter.
    pub fn takes_param(self) -> bool {
        matches!(
            self,
            Self::Topk
                | Self::Bottomk
                | Self::CountValues
                | Self::Quantile
                | Self::Limitk
                | Self::LimitRatio
        )
    }

    /// True if it needs `ParseOptions::experimental_functions`.
    pub fn is_experimental(self) -> bool {
        matches!(self, Self::Limitk | Self::LimitRatio)
    }
}

impl BinaryOp {
    /// True for `== != < <= > >=`, the operators that take `bool`.
    pub fn is_comparison(self) -> bool {
        matches!(self, Self::Eq | Self::Ne | Self::Lt | Self::Le | Self::Gt | Self::Ge)
    }

    /// True for `and or unless`.
    pub fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Unless)
    }

    /// Binding strength, 1 (`or`) to 6 (`^`).
    pub fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And | Self::Unless => 2,
            Self::Eq
            | Self::Ne
            | Self::Lt
            | Self::Le
            | Self::Gt
            | Self::Ge
            | Self::TrimUpper
            | Self::TrimLower => 3,
            Self::Add | Self::Sub => 4,
            Self::Mul | Self::Div | Self::Mod | Self::Atan2 => UNARY_PRECEDENCE,
            Self::Pow => 6,
        }
    }

    /// `a ^ b ^ c` is `a ^ (b ^ c)`.
    pub fn is_right_associative(self) -> bool {
        self == Self::Pow
    }
}

/// A sign binds as strongly as `*`: `-a ^ b` is `-(a ^ b)`, `-a + b` is `(-a) + b`.
pub const UNARY_PRECEDENCE: u8 = 5;
