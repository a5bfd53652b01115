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

/// How the writer goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriterOptions {
    /// How many commands one transaction takes at most.
    pub batch: usize,
    /// How many commands may wait; who comes later waits to be let in.
    pub queue: usize,
    /// How long a busy database is asked again before the callers hear of it.
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

/// A handle on the writing task; cheap to clone. The task ends when it is closed or when the last handle is dropped, and
/// finishes what waits in either case.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Message>,
    written: Arc<Notify>,
    condition: WriteCondition,
}

impl Writer {
    /// Starts the task, on the current tokio runtime.
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

    /// Has a command decided and written. Safe to drop: what was begun is finished all the same, what was not is left out.
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
        // The task answers every job that it takes; it can only be gone with its runtime or by a fault in the backend.
        outcome.await.unwrap_or_else(|_| {
            Err(StoreError::OutcomeUnknown(
                "the writer stopped before it answered".to_owned(),
            ))
        })
    }

    /// Why the database could not be written to when that was last tried. Once that was so, each batch tries.
    pub fn unwritable(&self) -> Option<Unwritable> {
        self.condition.unwritable()
    }

    /// Waits until a batch has written something.
    pub async fn written(&self) {
        self.written.notified().await;
    }

    /// Tells those who wait in [`Writer::written`] that something was written elsewhere.
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
        // Somebody else may have closed it first and still be at it.
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
        // Callers that were answered together come back together: a step aside, and they are all in one batch again, instead
        // of in two that wait for each other.
        tokio::task::yield_now().await;
        while waiting.len() < most {
            match commands.try_recv() {
                Ok(next) => take(next, &mut waiting, &mut closers, &mut commands),
                Err(_) => break,
            }
        }
        // Who hung up while waiting gets nothing: a claim that nobody heard of would only be in the way.
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
        // Whoever asked for the end may not have waited for it.
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
            // What was sent before is still handed out; then `recv` says that there will be no more.
            commands.close();
            closers.push(done);
        }
    }
}
