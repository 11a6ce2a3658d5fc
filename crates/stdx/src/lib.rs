//! Small gaps of std that every layer may use: byte cursors and bounded queues.
