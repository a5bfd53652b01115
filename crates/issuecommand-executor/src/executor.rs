//! The executor.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::service::{Service, ServiceError};
use issuecommand_wire::call::ParsedCall;
use issuecommand_wire::response::WithWarnings;
use issuecommand_wire::{ApiError, Call, ParamSource, Params, call};
use metrics::{counter, gauge};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::limits::ChangeLimits;

/// A way into the service. It decides under which names calls are logged and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// HTTP counts its requests itself, by route and status, since many of them reach no call.
    Http,
    /// MCP, on any transport.
    Mcp,
    /// The command line for people, which ends with its call.
    CommandLine,
}

impl Surface {
    /// The panic itself was written by the panic hook.
    fn log_broken(self, call: &'static str, error: &JoinError) {
        match self {
            Self::Http => {
                tracing::error!(name: "http.broken", call, broken = %error, "a call broke off");
            }
            Self::Mcp => tracing::error!(name: "mcp.broken", %error, "a tool broke off"),
            Self::CommandLine => {
                tracing::error!(name: "cli.broken", call, %error, "a call broke off");
            }
        }
    }

    fn count<T>(self, call: &'static str, result: &Result<T, ApiError>) {
        let outcome = match result {
            Ok(_) => "ok",
            Err(error) if error.is_failure() => "failed",
            Err(_) => "refused",
        };
        match self {
            Self::Http | Self::CommandLine => {}
            Self::Mcp => {
                counter!("issuecommand_mcp_calls_total", "tool" => call, "outcome" => outcome)
                    .increment(1);
            }
        }
    }
}

/// The request that a call belongs to.
#[derive(Clone, Debug)]
pub struct CallContext {
    /// On whose authority the call runs.
    pub caller: Caller,
    /// The id by which the log and an error name the request.
    pub request_id: String,
    /// Cancelled when the client reads no answer any more: it waits for no work then. What has begun goes on.
    pub left: CancellationToken,
}

/// Runs calls for one surface. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Executor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    service: Service,
    surface: Surface,
    time_limit: Duration,
    limits: Option<ChangeLimits>,
    tasks: TaskTracker,
    /// Ends the waiting for work.
    stop: CancellationToken,
}

impl Executor {
    /// An executor whose callers wait up to `time_limit` for a call. Without `limits` callers may change things as often as they
    /// like. `stop` ends the waiting for work: those who wait get the refusal at once.
    pub fn new(
        service: Service,
        surface: Surface,
        time_limit: Duration,
        limits: Option<ChangeLimits>,
        stop: CancellationToken,
    ) -> Self {
        Self(Arc::new(Inner {
            service,
            surface,
            time_limit,
            limits,
            tasks: TaskTracker::new(),
            stop,
        }))
    }

    /// The service that calls run on.
    pub fn service(&self) -> &Service {
        &self.0.service
    }

    /// How long a caller waits for a call. The call itself goes on.
    pub fn time_limit(&self) -> Duration {
        self.0.time_limit
    }

    /// Runs a call in a task of its own: a client that hangs up or cancels must not cut a first sync or the closing of an issue in
    /// half, and a panic must leave neither the connection broken nor the client without an answer. A call that waits for work
    /// waits here: where the future is dropped because the client has left, it takes none.
    ///
    /// # Errors
    /// Every error as it is told, with the request's id.
    pub async fn call<C: Call>(
        &self,
        context: CallContext,
        params: Params,
        source: ParamSource,
    ) -> Result<WithWarnings<C::Response>, ApiError> {
        let CallContext {
            caller,
            request_id,
            left,
        } = context;
        let result = self.run::<C>(caller, params, source, &left).await;
        self.0.surface.count(C::NAME, &result);
        result.map_err(|error| error.for_request(&request_id))
    }

    async fn run<C: Call>(
        &self,
        caller: Caller,
        mut params: Params,
        source: ParamSource,
        left: &CancellationToken,
    ) -> Result<WithWarnings<C::Response>, ApiError> {
        let by_session = source == ParamSource::Tool && params.fill(C::PARAMS, &caller);
        if C::CHANGES
            && let Some(limits) = &self.0.limits
        {
            limits.check(&caller, &params)?;
        }
        let parsed = call::read::<C>(params, source)?.named_by_session(by_session);
        let Some(length) = parsed.waits() else {
            return self.attempt(parsed, caller).await;
        };
        let mut waiter = (self.0.service.wait_for_work().await)
            .map_err(|error| ApiError::from(&ServiceError::from(error)))?;
        let until = Instant::now() + length;
        let mut result = self.attempt(parsed.clone(), caller.clone()).await;
        let _counted = CountedWaiter::begin();
        while matches!(&result, Err(error) if error.is_no_work()) {
            tokio::select! {
                biased;
                () = self.0.stop.cancelled() => return result,
                () = left.cancelled() => return result,
                () = tokio::time::sleep_until(until) => return result,
                () = waiter.turn() => {}
            }
            result = self.attempt(parsed.clone(), caller.clone()).await;
            let found = if result.is_ok() { "work" } else { "nothing" };
            counter!("issuecommand_wakeups_total", "found" => found).increment(1);
        }
        result
    }

    /// Runs a call once.
    async fn attempt<C: Call>(
        &self,
        call: ParsedCall<C>,
        caller: Caller,
    ) -> Result<WithWarnings<C::Response>, ApiError> {
        let service = self.0.service.clone();
        let task = async move { call.run(&service, &caller).await };
        let task = self.spawn(task.in_current_span());
        finish(self.0.time_limit, task)
            .await
            .unwrap_or_else(|error| {
                self.0.surface.log_broken(C::NAME, &error);
                Err(ApiError::internal())
            })
    }

    /// Spawns a task that [`drain`](Self::drain) waits for.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.0.tasks.spawn(task)
    }

    /// Waits until every task has ended, no longer than until `deadline`; `false` when some still run then. For the end of a
    /// surface, whose clients may have left calls behind.
    pub async fn drain(&self, deadline: Instant) -> bool {
        self.0.tasks.close();
        timeout_at(deadline, self.0.tasks.wait()).await.is_ok()
    }
}

/// A call that waits for work, counted until it ends or its client leaves.
struct CountedWaiter;

impl CountedWaiter {
    fn begin() -> Self {
        gauge!("issuecommand_waiting_calls").increment(1.0);
        Self
    }
}

impl Drop for CountedWaiter {
    fn drop(&mut self) {
        gauge!("issuecommand_waiting_calls").decrement(1.0);
    }
}

/// Waits for a call. One that takes too long goes on without its client.
async fn finish<T>(
    time_limit: Duration,
    task: JoinHandle<Result<T, ApiError>>,
) -> Result<Result<T, ApiError>, JoinError> {
    let finished = timeout(time_limit, task).await;
    finished.unwrap_or_else(|_| Ok(Err(ApiError::call_timed_out())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the executor is where calls get a task"
    )]
    async fn a_call_that_takes_too_long_goes_on_without_its_client() {
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let (done, heard) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            wait.await.unwrap();
            done.send("done").unwrap();
            Ok(())
        });
        let result = finish(Duration::from_millis(1), task).await.unwrap();
        let text = result.unwrap_err().json().to_string();
        assert!(text.contains("get_my_work"), "{text}");
        go.send(()).unwrap();
        assert_eq!(heard.await, Ok("done"));
    }
}
