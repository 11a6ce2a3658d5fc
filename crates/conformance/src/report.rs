//! Counts verdicts and writes down failures.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

/// The verdicts of a run so far. Failures are written at once, so a crash loses none.
pub struct Report<'a> {
    out: &'a mut dyn Write,
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Report({self})")
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

impl<'a> Report<'a> {
    pub fn new(out: &'a mut dyn Write) -> Self {
        Self { out, passed: 0, failed: 0, skipped: 0 }
    }

    pub fn pass(&mut self) {
        self.passed += 1;
    }

    /// Notes a failure; `place` is a case id or a line number. Further lines of `message` are
    /// indented.
    pub fn fail(&mut self, file: &Path, place: &str, message: &str) -> io::Result<()> {
        self.failed += 1;
        let message = message.replace('\n', "\n    ");
        writeln!(self.out, "FAIL {}:{place}: {message}", file.display())
    }

    /// Notes one case or file that is not run, and why.
    pub fn skip(&mut self, file: &Path, reason: &str) -> io::Result<()> {
        self.skipped += 1;
        writeln!(self.out, "skip {}: {reason}", file.display())
    }

    pub fn failed(&self) -> usize {
        self.failed
    }

    pub fn passed(&self) -> usize {
        self.passed
    }

    /// Writes the closing line; true if nothing failed.
    pub fn finish(self) -> io::Result<bool> {
        let counts = self.to_string();
        writeln!(self.out, "{counts}")?;
        self.out.flush()?;
        Ok(self.failed == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closes_with_the_counts() {
        let mut out = Vec::new();
        let mut report = Report::new(&mut out);
        report.pass();
        report.fail(Path::new("a.json"), "case-1", "want\ngot").unwrap();
        report.skip(Path::new("b.yml"), "no reader").unwrap();
        assert!(!report.finish().unwrap());
        let text = String::from_utf8(out).unwrap();
        let want = "FAIL a.json:case-1: want\n    got\nskip b.yml: no reader\n\
                    1 passed, 1 failed, 1 skipped\n";
        assert_eq!(text, want);
    }
}
