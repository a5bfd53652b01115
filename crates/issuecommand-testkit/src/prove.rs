//! The number of rounds of a proof: few on every run, all of them with `cargo xtask prove`.

/// `full` if `ISSUECOMMAND_PROVE=full` is set, else `quick`.
#[expect(clippy::disallowed_methods, reason = "what CI tells the tests")]
pub fn rounds(quick: u32, full: u32) -> u32 {
    match std::env::var("ISSUECOMMAND_PROVE").as_deref() {
        Ok("full") => full,
        _ => quick,
    }
}
