//! Immutable part files, their manifest, atomic publish and quarantine.
