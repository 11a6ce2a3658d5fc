//! A simulated platform that crashes, tears writes, loses syncs and fills up, from a seed.
