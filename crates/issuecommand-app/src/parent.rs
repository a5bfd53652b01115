//! The process that started this one. A client that is killed may leave its pipe open in somebody else's hands, so that
//! standard input never ends; its end must be noticed all the same.

use std::time::Duration;

const LOOK: Duration = Duration::from_secs(1);

/// Comes back once the parent of this moment is gone, and never where there is no telling.
pub(crate) async fn gone() {
    #[cfg(unix)]
    {
        use std::os::unix::process::parent_id;

        // An orphan is given another parent.
        let parent = parent_id();
        while parent_id() == parent {
            tokio::time::sleep(LOOK).await;
        }
    }
    #[cfg(not(unix))]
    std::future::pending::<()>().await;
}
