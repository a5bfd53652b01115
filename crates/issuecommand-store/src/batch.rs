//! One turn of the writer: begin, load, decide, write, commit, and only then answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::IdGenerator;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::StoreTime;
use issuecommand_core::engine::change::WriteBatch;
use issuecommand_core::engine::command::{Command, Outcome};
use issuecommand_core::engine::decide::decide_batch;
use issuecommand_core::engine::read_set::ReadSet;
use metrics::histogram;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tracing::{error, warn};
use uuid::Uuid;

use crate::backend::Backend;
use crate::condition::WriteCondition;
use crate::event_log;

/// A command with the channel on which its caller waits for the outcome.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) command: Command,
    pub(crate) answer: oneshot::Sender<Result<Outcome, StoreError>>,
}

pub(crate) struct Batcher<B> {
    pub(crate) backend: B,
    pub(crate) policy: Policy,
    pub(crate) ids: Box<dyn IdGenerator>,
    pub(crate) patience: Duration,
    pub(crate) written: Arc<Notify>,
    pub(crate) condition: WriteCondition,
}

/// Why a batch failed.
enum BatchError {
    /// Independent of the commands: fewer commands would not help, or a second attempt is forbidden.
    Fatal(StoreError),
    /// Perhaps caused by one of the commands: each is tried alone.
    PerCommand(StoreError),
}

impl<B: Backend> Batcher<B> {
    /// Answers the jobs. Returns those that were deferred, which must be first in the next batch.
    pub(crate) async fn turn(&mut self, jobs: Vec<Job>) -> Vec<Job> {
        let (commands, callers): (Vec<Command>, Vec<_>) = jobs
            .into_iter()
            .map(|job| (job.command, job.answer))
            .unzip();
        let alone = commands.len() == 1;
        let mut later = Vec::new();
        // A send fails when its caller hung up meanwhile, and then nobody waits for the outcome.
        match self.attempt(&commands).await {
            Ok(outcomes) => {
                for ((command, answer), outcome) in commands.into_iter().zip(callers).zip(outcomes)
                {
                    match outcome {
                        Some(outcome) => drop(answer.send(Ok(outcome))),
                        None if alone => drop(answer.send(Err(put_off_alone()))),
                        None => later.push(Job { command, answer }),
                    }
                }
            }
            Err(BatchError::PerCommand(error)) if !alone => {
                warn!(name: "store.batch_failed", %error, commands = commands.len(), "a batch failed; its commands are tried one by one");
                for (command, answer) in commands.iter().zip(callers) {
                    drop(answer.send(self.alone(command).await));
                }
            }
            Err(BatchError::PerCommand(error) | BatchError::Fatal(error)) => {
                if !told_elsewhere(&error) {
                    warn!(name: "store.batch_failed", %error, commands = commands.len(), "a batch failed");
                }
                for answer in callers {
                    drop(answer.send(Err(error.clone())));
                }
            }
        }
        later
    }

    async fn alone(&mut self, command: &Command) -> Result<Outcome, StoreError> {
        match self.attempt(std::slice::from_ref(command)).await {
            Ok(mut outcomes) => outcomes.pop().flatten().ok_or_else(put_off_alone),
            Err(BatchError::PerCommand(error) | BatchError::Fatal(error)) => {
                if !told_elsewhere(&error) {
                    warn!(name: "store.command_failed", %error, "a command failed alone");
                }
                Err(error)
            }
        }
    }

    async fn attempt(&mut self, commands: &[Command]) -> Result<Vec<Option<Outcome>>, BatchError> {
        let begun = Instant::now();
        let deadline = begun + self.patience;
        let outcomes = loop {
            let time = match self.begin(deadline).await {
                Ok(time) => time,
                Err(error) => break Err(BatchError::Fatal(error)),
            };
            match self.within(commands, time, deadline).await {
                Ok(Some(outcomes)) => break Ok(outcomes),
                // Each time one more caller has left, so that this ends.
                Ok(None) => self.backend.rollback().await,
                Err(error) => {
                    self.backend.rollback().await;
                    break Err(error);
                }
            }
        };
        if let Err(BatchError::Fatal(error) | BatchError::PerCommand(error)) = &outcomes {
            self.condition.tried(Err(error));
        }
        let outcome = if outcomes.is_ok() { "ok" } else { "failed" };
        histogram!("issuecommand_store_transaction_seconds", "outcome" => outcome)
            .record(begun.elapsed());
        outcomes
    }

    /// Runs the commands within the transaction. Ends it on success; the caller rolls back after an error, and where a caller left
    /// for whom work was taken (`None`).
    async fn within(
        &mut self,
        commands: &[Command],
        time: StoreTime,
        deadline: Instant,
    ) -> Result<Option<Vec<Option<Outcome>>>, BatchError> {
        let left = abandoned(commands);
        let needs = ReadSet::of(commands, &self.policy, time);
        let mut view = self.backend.load(&needs).await.map_err(judge)?;
        let decided = catch_unwind(AssertUnwindSafe(|| {
            decide_batch(&mut view, commands, &self.policy, time, &mut *self.ids)
        }));
        let outcomes = decided.map_err(|panic| {
            let what = panic_text(&*panic);
            error!(name: "store.engine_panicked", what, "the engine panicked");
            BatchError::PerCommand(StoreError::Unavailable(format!(
                "the engine panicked: {what}"
            )))
        })?;
        let writes = view.into_writes();
        if writes.is_empty() {
            self.try_to_write(deadline).await;
            return Ok(Some(outcomes));
        }
        let events = writes.events.clone();
        let over = event_log::sessions_over(&writes);
        self.backend.write(writes).await.map_err(judge)?;
        if abandoned(commands) > left {
            return Ok(None);
        }
        self.commit(deadline).await.map_err(judge)?;
        self.condition.tried(Ok(()));
        event_log::committed(&events);
        event_log::ended(&over);
        self.written.notify_waiters();
        Ok(Some(outcomes))
    }

    async fn begin(&mut self, deadline: Instant) -> Result<StoreTime, StoreError> {
        let since = Instant::now();
        loop {
            match self.backend.begin().await {
                Err(StoreError::Busy(_)) if Instant::now() < deadline => pause(since).await,
                begun => return begun,
            }
        }
    }

    /// Ends a transaction in which there is nothing to write. If the last write was refused, an empty write is tried first, because
    /// a process that only answers questions would not notice that the database can be written to again.
    async fn try_to_write(&mut self, deadline: Instant) {
        if self.condition.unwritable().is_some() {
            let tried = match self.backend.write(WriteBatch::default()).await {
                Ok(()) => self.commit(deadline).await,
                Err(error) => Err(error),
            };
            self.condition.tried(tried.as_ref().copied());
            if tried.is_ok() {
                return;
            }
        }
        self.backend.rollback().await;
    }

    async fn commit(&mut self, deadline: Instant) -> Result<(), StoreError> {
        let since = Instant::now();
        loop {
            match self.backend.commit().await {
                Err(StoreError::Busy(_)) if Instant::now() < deadline => pause(since).await,
                committed => return committed,
            }
        }
    }
}

/// How many commands take work for callers that have left.
fn abandoned(commands: &[Command]) -> usize {
    let abandoned = commands.iter().filter(|command| command.is_abandoned());
    abandoned.count()
}

/// Whether the error is logged elsewhere: the fence logs once when it closes, the condition when it changes. A line for each refused
/// caller would fill the log, and a disk that may be full already.
fn told_elsewhere(error: &StoreError) -> bool {
    matches!(error, StoreError::Fenced(_) | StoreError::Unwritable { .. })
}

/// After this time the lock is asked for more often.
const LONG: Duration = Duration::from_millis(100);

/// Random back-off of 1 to 5 ms. Fixed or exponential back-off starves next to processes that poll faster. After [`LONG`] it is as
/// short as the timer allows, because a process that always has more to write leaves the lock free for a moment only.
async fn pause(since: Instant) {
    let micros = if since.elapsed() < LONG {
        1_000 + u64::from(Uuid::new_v4().as_bytes()[0]) * 16
    } else {
        500
    };
    tokio::time::sleep(Duration::from_micros(micros)).await;
}

/// Matches every variant, so that a new kind of failure must be decided on here.
fn judge(error: StoreError) -> BatchError {
    match error {
        StoreError::Busy(_)
        | StoreError::Fenced(_)
        | StoreError::OutcomeUnknown(_)
        | StoreError::Unwritable { .. }
        | StoreError::NewerSchema { .. } => BatchError::Fatal(error),
        StoreError::Unavailable(_) | StoreError::Corrupt(_) => BatchError::PerCommand(error),
    }
}

/// Cannot happen: a batch of one loads as many candidates as it consumes, so that it never has to wait for the next.
fn put_off_alone() -> StoreError {
    StoreError::Corrupt("a lone command was put off".to_owned())
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words")
}
