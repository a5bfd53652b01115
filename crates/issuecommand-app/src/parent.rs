//! Watches the parent process. If a client is killed, another process may have inherited its pipe, so standard input never
//! reaches EOF. The exit of the client must be noticed all the same.

use std::time::Duration;

const LOOK: Duration = Duration::from_secs(1);

/// Returns when the current parent has exited. Never returns on platforms that cannot tell.
pub(crate) async fn gone() {
    #[cfg(unix)]
    {
        use std::os::unix::process::parent_id;

        // The operating system gives an orphan another parent.
        let parent = parent_id();
        while parent_id() == parent {
            tokio::time::sleep(LOOK).await;
        }
    }
    #[cfg(not(unix))]
    std::future::pending::<()>().await;
}
