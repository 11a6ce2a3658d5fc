//! Write-ahead log with group commit and a bounded sync window.
