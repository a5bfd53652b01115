//! The suite on core's memory store, which is the reference.

mod memory;
