//! How much a proof tries: a little on every run, all of it when `cargo xtask prove` asks.

/// `full` when the environment says `ISSUECOMMAND_PROVE=full`, else `quick`.
#[expect(clippy::disallowed_methods, reason = "what CI tells the tests")]
pub fn rounds(quick: u32, full: u32) -> u32 {
    match std::env::var("ISSUECOMMAND_PROVE").as_deref() {
        Ok("full") => full,
        _ => quick,
    }
}
