//! The port to the processes of this machine.

use std::fmt;

use crate::domain::session::ProcessRef;

/// Knows which processes run.
pub trait Processes: Send + Sync + fmt::Debug {
    /// This process; `None` if the operating system cannot say.
    fn own(&self) -> Option<ProcessRef>;

    /// Whether that process surely runs no more. `false` for processes of other machines and wherever it cannot be told.
    fn is_gone(&self, process: &ProcessRef) -> bool;
}

/// Knows nothing of processes.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProcesses;

impl Processes for NoProcesses {
    fn own(&self) -> Option<ProcessRef> {
        None
    }

    fn is_gone(&self, _: &ProcessRef) -> bool {
        false
    }
}
