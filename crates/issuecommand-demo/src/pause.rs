//! The pauses between the actions of agents and maintainers.

use std::time::Duration;

/// The random numbers of one actor: the same for the same seed, different for each actor.
pub(crate) fn random_of(seed: u64, actor: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(seed.rotate_left(32) ^ actor)
}

/// Waits for 0.5 to 1.5 times this many milliseconds, times the pace.
pub(crate) async fn pause(random: &mut fastrand::Rng, millis: u32, pace: f64) {
    let seconds = f64::from(millis) / 1000.0 * (0.5 + random.f64()) * pace;
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}
