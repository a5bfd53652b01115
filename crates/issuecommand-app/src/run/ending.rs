//! Ends a process that has lost its database. Callers are told the reason first.

use std::pin::Pin;
use std::time::Duration;

use issuecommand_store::Fence;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::client::Client;
use crate::error::AppError;

/// The minimum time that calls are still answered, so that calls in flight get the reason instead of a broken connection.
const LEAST: Duration = Duration::from_secs(1);

/// How long the process waits for the next call of an MCP client, which cannot be told otherwise.
const LONGEST: Duration = Duration::from_secs(10);

/// Answers for a while, then stops. Always returns an error, so that a supervisor restarts the program.
///
/// A process that gives way to another database stays until its MCP client leaves, because a restart would end the same way.
pub(super) async fn give_up<F>(
    fence: &Fence,
    told: String,
    faces: &mut Pin<&mut F>,
    presence: &watch::Receiver<Client>,
    stop: &CancellationToken,
) -> Result<(), AppError>
where
    F: Future<Output = Result<(), AppError>>,
{
    if fence.is_standing_aside() {
        faces.await?;
        return Err(AppError::OtherDatabase(told));
    }
    tokio::select! {
        result = &mut *faces => result?,
        () = linger(fence, presence) => {
            stop.cancel();
            faces.await?;
        }
    }
    Err(AppError::Fenced(told))
}

async fn linger(fence: &Fence, presence: &watch::Receiver<Client>) {
    let begin = Instant::now();
    let before = fence.refused();
    sleep(LEAST).await;
    while begin.elapsed() < LONGEST
        && *presence.borrow() == Client::Here
        && fence.refused() == before
    {
        sleep(Duration::from_millis(50)).await;
    }
}
