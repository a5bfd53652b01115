//! Ending a process that has given its database up: callers are told first.

use std::pin::Pin;
use std::time::Duration;

use issuecommand_store::Fence;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::client::Client;
use crate::error::AppError;

/// How long callers are answered at least, so that those who are on their way hear why and not only that a connection broke.
const LEAST: Duration = Duration::from_secs(1);

/// How long the next call of an MCP client is waited for: it hears of the end by nothing else.
const LONGEST: Duration = Duration::from_secs(10);

/// Answers for a while, then stops. Always comes to an error, so that a supervisor starts the program anew.
///
/// A process that stands aside for another database stays until its MCP client leaves: started anew it would find the same.
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
