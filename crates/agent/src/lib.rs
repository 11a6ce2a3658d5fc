//! Host metrics under node-exporter names, read from /proc and /sys.
