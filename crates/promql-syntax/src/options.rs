//! What the parser accepts: the reference's feature flags, and limits against hostile queries.
//!
//! Source: Prometheus 3.16, where arithmetic over durations and extended range selectors have become
//! part of the language; switched off, the parser reads what 3.14 reads without its flags.

/// Settings of one parse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent feature flags, as the reference has"
)]
pub struct ParseOptions {
    /// `--enable-feature=promql-experimental-functions`.
    pub experimental_functions: bool,
    /// Arithmetic in ranges, steps and offsets; on by default.
    pub duration_expr: bool,
    /// `anchored` and `smoothed`; on by default.
    pub extended_range_selectors: bool,
    /// `--enable-feature=promql-binop-fill-modifiers`: `fill`, `fill_left`, `fill_right`.
    pub fill_modifiers: bool,
    /// `--enable-feature=promql-unquoted-utf8-names`: letters of all scripts and, behind the first
    /// character, dots in names without quotes; such labels are printed without quotes, too.
    pub unquoted_utf8_names: bool,
    /// Longest query, in bytes.
    pub length_max: usize,
    /// Deepest nesting of expressions; every walk over the tree recurses this far.
    pub depth_max: usize,
}

/// A megabyte is a thousand times the longest query of any dashboard we know.
pub const LENGTH_MAX_DEFAULT: usize = 1 << 20;
/// Deep enough for generated chains of `or`, and fits the 2 MiB stack of a worker thread.
pub const DEPTH_MAX_DEFAULT: usize = 256;

impl Default for ParseOptions {
    fn default() -> Self {
        Self {
            experimental_functions: false,
            duration_expr: true,
            extended_range_selectors: true,
            fill_modifiers: false,
            unquoted_utf8_names: false,
            length_max: LENGTH_MAX_DEFAULT,
            depth_max: DEPTH_MAX_DEFAULT,
        }
    }
}

impl ParseOptions {
    /// Everything switched on.
    #[must_use]
    pub fn all_features() -> Self {
        Self {
            experimental_functions: true,
            fill_modifiers: true,
            unquoted_utf8_names: true,
            ..Self::default()
        }
    }
}
