//! The handle that callers send commands through, and the task behind it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::failure::{StoreError, Unwritable};
use issuecommand_core::domain::id::IdGenerator;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::engine::command::{Command, Outcome};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::backend::Backend;
use crate::batch::{Batcher, Job};
use crate::condition::WriteCondition;

/// Limits of the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriterOptions {
    /// The maximum number of commands in one transaction.
    pub batch: usize,
    /// The maximum number of queued commands; `transact` waits for room.
    pub queue: usize,
    /// How long the lock of a busy database is retried before the callers get [`StoreError::Busy`].
    pub patience: Duration,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            batch: 256,
            queue: 1024,
            patience: Duration::from_secs(5),
        }
    }
}

#[derive(Debug)]
enum Message {
    Job(Box<Job>),
    Close(oneshot::Sender<()>),
}

/// A handle to the writing task; cheap to clone. The task ends when it is closed or when the last handle is dropped, and finishes
/// the queued commands in both cases.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Message>,
    written: Arc<Notify>,
    condition: WriteCondition,
}

impl Writer {
    /// Starts the task, on the current tokio runtime.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one writer, ended with its channel"
    )]
    pub fn spawn<B: Backend>(
        backend: B,
        policy: Policy,
        ids: Box<dyn IdGenerator>,
        options: WriterOptions,
    ) -> Self {
        let (queue, commands) = mpsc::channel(options.queue);
        let written = Arc::new(Notify::new());
        let batcher = Batcher {
            backend,
            policy,
            ids,
            patience: options.patience,
            written: Arc::clone(&written),
            condition: WriteCondition::default(),
        };
        let condition = batcher.condition.clone();
        tokio::spawn(run(batcher, commands, options.batch));
        Self {
            queue,
            written,
            condition,
        }
    }

    /// Decides a command and writes its changes. Cancel-safe: a batch that has begun is finished, a queued command is dropped.
    ///
    /// # Errors
    /// See [`StoreError`]; [`StoreError::Unavailable`] after [`Writer::close`].
    pub async fn transact(&self, command: Command) -> Result<Outcome, StoreError> {
        let (answer, outcome) = oneshot::channel();
        let job = Box::new(Job { command, answer });
        self.queue
            .send(Message::Job(job))
            .await
            .map_err(|_| StoreError::Unavailable("the store was shut down".to_owned()))?;
        // The task answers every job. It can only have ended with its runtime or by a panic in the backend.
        outcome.await.unwrap_or_else(|_| {
            Err(StoreError::OutcomeUnknown(
                "the writer stopped before it answered".to_owned(),
            ))
        })
    }

    /// Why the last write was refused; `None` if it succeeded. After a refusal every batch tries to write.
    pub fn unwritable(&self) -> Option<Unwritable> {
        self.condition.unwritable()
    }

    /// Waits until a batch has written something.
    pub async fn written(&self) {
        self.written.notified().await;
    }

    /// Wakes those who wait in [`Writer::written`], because another process wrote something.
    pub fn wake(&self) {
        self.written.notify_waiters();
    }

    /// Takes no more commands, finishes those that wait, and closes the backend.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // An error means that the task is gone, and then it is closed too.
            let _ = closed.await;
        }
        // Another caller may have closed it first, and the task may not have ended yet.
        self.queue.closed().await;
    }
}

async fn run<B: Backend>(
    mut batcher: Batcher<B>,
    mut commands: mpsc::Receiver<Message>,
    most: usize,
) {
    let mut waiting: VecDeque<Job> = VecDeque::new();
    let mut closers = Vec::new();
    loop {
        if waiting.is_empty() {
            let Some(first) = commands.recv().await else {
                break;
            };
            take(first, &mut waiting, &mut closers, &mut commands);
        }
        // Callers that were answered together send their next commands together. After a yield all of these are queued and form one
        // batch; without it they would form two that wait for each other.
        tokio::task::yield_now().await;
        while waiting.len() < most {
            match commands.try_recv() {
                Ok(next) => take(next, &mut waiting, &mut closers, &mut commands),
                Err(_) => break,
            }
        }
        // A caller that hung up while waiting must not get a claim that it never hears of.
        waiting.retain(|job| !job.answer.is_closed());
        let batch: Vec<Job> = waiting.drain(..most.min(waiting.len())).collect();
        if batch.is_empty() {
            continue;
        }
        for job in batcher.turn(batch).await.into_iter().rev() {
            waiting.push_front(job);
        }
    }
    batcher.backend.close().await;
    for closer in closers {
        // The caller of `close` may not have waited.
        let _: Result<(), ()> = closer.send(());
    }
}

fn take(
    message: Message,
    waiting: &mut VecDeque<Job>,
    closers: &mut Vec<oneshot::Sender<()>>,
    commands: &mut mpsc::Receiver<Message>,
) {
    match message {
        Message::Job(job) => waiting.push_back(*job),
        Message::Close(done) => {
            // `recv` still returns what was sent before, then `None`.
            commands.close();
            closers.push(done);
        }
    }
}
