//! Has the crate built anew when a migration is added: the macro that embeds them sees only those it knows.
#![expect(clippy::print_stdout, reason = "how a build script speaks to cargo")]

fn main() {
    println!("cargo::rerun-if-changed=../../migrations/sqlite");
}
