//! Following GitHub: what it says is followed, and what it does not say proves nothing.

mod claiming;
mod closing;
mod doubt;
mod first_sync;
mod following;
mod moving;
mod silence;
mod strangers;
