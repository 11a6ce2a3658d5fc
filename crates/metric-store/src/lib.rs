//! The metrics engine: head, write-ahead log, part files, recovery, selection.
