//! The number of rounds of a proof: few on every run, all of them with `cargo xtask prove`.

/// Whether `ISSUECOMMAND_PROVE=full` is set: proofs then run one after the other, and their times mean something.
#[expect(clippy::disallowed_methods, reason = "what CI tells the tests")]
pub fn is_full() -> bool {
    std::env::var("ISSUECOMMAND_PROVE").as_deref() == Ok("full")
}

/// `full` if the proofs run at full counts, else `quick`.
pub fn rounds(quick: u32, full: u32) -> u32 {
    if is_full() { full } else { quick }
}
