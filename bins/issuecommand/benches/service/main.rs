//! Benchmarks of the real program over real HTTP on a real disk: `cargo bench -p issuecommand`, or with the names of some parts
//! behind `--` (`texts`, `claims`, `next`, `routed`, `explain`, `dependents`, `first-sync`, `start`, `instances`,
//! `idle`, `hook`).
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails loudly and speaks to a person"
)]

mod claims;
mod client;
mod data;
mod dependents;
mod explain;
mod first_sync;
mod github;
mod hook;
mod idle;
mod instances;
mod next;
mod plain;
mod process;
mod routed;
mod start;
mod texts;
mod times;

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    // One thread, so that the program under test has the other processor.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    if is_wanted("texts") {
        texts::run();
    }
    runtime.block_on(async {
        if is_wanted("claims") {
            claims::run().await;
        }
        if is_wanted("next") {
            next::run(None).await;
        }
        if is_wanted("routed") {
            routed::run(None).await;
        }
        if is_wanted("dependents") {
            dependents::run(None).await;
        }
        if is_wanted("explain") {
            explain::run(None).await;
        }
        if is_wanted("first-sync") {
            first_sync::run().await;
        }
        if is_wanted("start") {
            start::run().await;
        }
        if is_wanted("instances") {
            instances::run().await;
        }
        if is_wanted("idle") {
            idle::run().await;
        }
        if is_wanted("hook") {
            hook::run().await;
        }
    });
}
