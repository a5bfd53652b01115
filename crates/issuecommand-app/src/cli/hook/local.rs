//! The way to the service over its database, as every process on this machine has it.

use std::path::PathBuf;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::event::Seq;
use issuecommand_core::domain::followup::{FeedbackEvent, Followup};
use issuecommand_core::domain::id::{AgentId, Principal};
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::notice::{NoticeKind, NoticeOf};
use issuecommand_core::domain::session::{
    CallerSession, ProcessRef, Session, SessionId, Transport,
};
use issuecommand_core::ports::store::FollowupFilter;
use issuecommand_core::service::{Hindrance, Service, ServiceError, ToldNotice};
use issuecommand_github::{Backend, RestSettings};
use issuecommand_store_postgres::dump as postgres;
use issuecommand_store_sqlite::dump as sqlite;

use super::marks::Marks;
use super::words::{Feedback, Held, Sight, one_line};
use crate::composition::Composition;
use crate::error::AppError;
use crate::processes;
use crate::registry::Registry;
use crate::settings::{DatabaseOptions, Settings};

/// The database, opened, and who asks.
#[derive(Debug)]
pub(in crate::cli) struct Local {
    composition: Composition,
    callers: Vec<(AgentId, Caller)>,
    seen: Seq,
}

impl Local {
    /// Opens the database. `None` if there is none, which is then not made, or if no agent was heard in this session.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub(in crate::cli) async fn open(
        settings: &Settings,
        agent: Option<&AgentId>,
        session: Option<&SessionId>,
        marks: Option<&Marks>,
    ) -> Result<Option<Self>, AppError> {
        let Some(database) = database(settings, marks).await? else {
            return Ok(None);
        };
        // Hooks ask GitHub nothing, and this way of asking needs neither a token nor a client for HTTPS.
        let github = RestSettings {
            token: None,
            backend: Backend::Gh,
            ..settings.github.clone()
        };
        let policy = settings.policy.clone();
        let composition =
            Composition::new(database, policy, settings.allowed.clone(), github, false).await?;
        let service = &composition.service;
        let seen = service.store().last_event().await?;
        let callers = callers(service, agent, session, marks).await?;
        if callers.is_empty() {
            composition.close().await;
            return Ok(None);
        }
        Ok(Some(Self {
            composition,
            callers,
            seen,
        }))
    }

    fn service(&self) -> &Service {
        &self.composition.service
    }

    /// What the agents of the session have. With `beats` a sign of life, which brings the notices.
    ///
    /// # Errors
    /// The store's.
    pub(in crate::cli) async fn sight(&self, beats: bool) -> Result<Sight, AppError> {
        let mut sight = Sight::default();
        let service = self.service();
        for (agent, caller) in &self.callers {
            let (claims, feedback) = if beats {
                let beat = service.heartbeat(caller, agent.clone()).await;
                let beat = beat.map_err(|error| failed(&error))?;
                sight.notices.extend(beat.told.notices.iter().map(notice));
                (beat.claims, beat.feedback)
            } else {
                let work = service.my_work(caller, agent.clone()).await;
                let mut work = work.map_err(|error| failed(&error))?;
                let others = std::mem::take(&mut work.others);
                work.claims
                    .retain(|claim| !claim.session.as_ref().is_some_and(|it| others.contains(it)));
                let feedback = service.feedback_for(caller, agent, &work.claims).await?;
                (work.claims, feedback)
            };
            sight.held.extend(claims.iter().map(held));
            let feedback = feedback.iter().map(|item| waiting(agent, item));
            sight.feedback.extend(feedback);
        }
        Ok(sight)
    }

    /// The feedback that the agent may take, on anybody's pull request, and how many issues are ready for it.
    ///
    /// # Errors
    /// The store's.
    pub(in crate::cli) async fn open_work(
        &self,
        issues: bool,
    ) -> Result<(Vec<Feedback>, u64), AppError> {
        let (mut found, mut ready) = (Vec::new(), 0);
        let service = self.service();
        let passed = service.clock().now().minus(service.policy().affinity);
        for (agent, caller) in &self.callers {
            let items = service.followups(caller, FollowupFilter::default()).await;
            let items = items.map_err(|error| failed(&error))?;
            let mine = items.iter().filter(|item| {
                item.waits() && item.repo_offered && item.in_reach_of(agent, passed)
            });
            found.extend(mine.map(|item| waiting(agent, item)));
            if issues {
                let why = service.explain(caller, Some(agent.clone()), IssueFilter::default());
                let why = why.await.map_err(|error| failed(&error))?;
                let cooling = why.agent.iter().map(|hindrance| match hindrance {
                    Hindrance::Refused(_) => u64::MAX,
                    Hindrance::Cooldown { count, .. } => *count,
                    Hindrance::Halted(_) | Hindrance::RepoFull(_) | Hindrance::OtherAgents(_) => 0,
                });
                let kept = cooling.fold(0, u64::saturating_add);
                ready += why.ready.saturating_sub(kept);
            }
        }
        Ok((found, ready))
    }

    /// Says that the session is over.
    ///
    /// # Errors
    /// The store's.
    pub(in crate::cli) async fn over(&self) -> Result<(), AppError> {
        for (agent, caller) in &self.callers {
            let over = self.service().session_is_over(caller, agent.clone()).await;
            over.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    /// Whether anything was committed since it was last asked, by whatever process.
    ///
    /// # Errors
    /// The store's.
    pub(in crate::cli) async fn has_changed(&mut self) -> Result<bool, AppError> {
        let last = self.service().store().last_event().await?;
        Ok(std::mem::replace(&mut self.seen, last) != last)
    }

    pub(in crate::cli) async fn close(self) {
        self.composition.close().await;
    }
}

fn failed(error: &ServiceError) -> AppError {
    AppError::Command(match error {
        ServiceError::Failed(failure) => failure.to_string(),
        ServiceError::Refused(refusal) | ServiceError::NoWork { refusal, .. } => {
            format!("refused: {refusal:?}")
        }
    })
}

/// The database of the settings, if it is there. Where no setting names one: that of the service in this client, or the only one
/// that is in use on this machine, since what a client gives its MCP servers it does not give to hooks.
pub(in crate::cli) async fn database(
    settings: &Settings,
    marks: Option<&Marks>,
) -> Result<Option<DatabaseOptions>, AppError> {
    let mut options = settings.database()?;
    if let DatabaseOptions::Sqlite(file) = &mut options
        && !settings.database_is_set
    {
        let used = in_use();
        if let (Some(marks), Some(path)) = (marks, &used) {
            marks.keep_database(path);
        }
        let known = used.or_else(|| marks?.database());
        if let Some(path) = known {
            file.path = path;
        }
    }
    let there = match &options {
        // Looking at a file that is not there must not make one.
        DatabaseOptions::Sqlite(file) => file.path.exists() && sqlite::is_there(file).await?,
        DatabaseOptions::Postgres(options) => postgres::is_there(options).await?,
    };
    Ok(there.then_some(options))
}

/// The file that the running programs of this user have open: the one that the client of this process started, else all of them.
fn in_use() -> Option<PathBuf> {
    let entries = Registry::of_user().ok()?.others();
    let file = |entry: &crate::registry::Entry| entry.files.first().map(|(path, _)| path.clone());
    if let Some(client) = processes::client() {
        let kin = entries.iter().filter_map(|entry| {
            let process = processes::running(entry.pid)?;
            let far = processes::generations(&process, &client)?;
            Some((far, file(entry)?))
        });
        if let Some((_, path)) = kin.min() {
            return Some(path);
        }
    }
    let mut files: Vec<PathBuf> = entries.iter().filter_map(file).collect();
    files.sort();
    files.dedup();
    files.pop().filter(|_| files.is_empty())
}

/// The agents that this session acts as. They are those that were heard in the session of this id, or in the session of a service
/// that this client started, whatever id that has, also if it has gone meanwhile.
async fn callers(
    service: &Service,
    agent: Option<&AgentId>,
    session: Option<&SessionId>,
    marks: Option<&Marks>,
) -> Result<Vec<(AgentId, Caller)>, AppError> {
    let sessions = service.store().sessions(agent).await?;
    let of_id = |row: &&Session| Some(&row.id) == session;
    let mut rows: Vec<&Session> = sessions.iter().filter(of_id).collect();
    if rows.is_empty()
        && let Some(client) = processes::client()
    {
        rows = nearest(&sessions, &client);
    }
    let of_row = |row: &&Session| (row.agent.clone(), row.id.clone());
    let mut known: Vec<(AgentId, SessionId)> = rows.iter().map(of_row).collect();
    if let Some(marks) = marks {
        if known.is_empty() {
            known = marks.callers();
        } else {
            marks.keep_callers(&known);
        }
    }
    let calls = |agent: AgentId, session: Option<&SessionId>| {
        let caller = caller(&agent, session);
        (agent, caller)
    };
    if known.is_empty() {
        let named = agent.cloned().into_iter();
        return Ok(named.map(|agent| calls(agent, session)).collect());
    }
    let callers = known.into_iter();
    Ok(callers.map(|(agent, id)| calls(agent, Some(&id))).collect())
}

/// The sessions of the services that this client started itself, not those of clients that it started.
fn nearest<'a>(sessions: &'a [Session], client: &ProcessRef) -> Vec<&'a Session> {
    let open = sessions.iter().filter(|row| row.ended.is_none());
    let far: Vec<(usize, &Session)> = open
        .filter_map(|row| {
            let process = row.process.as_ref()?;
            Some((processes::generations(process, client)?, row))
        })
        .collect();
    let least = far.iter().map(|(far, _)| *far).min();
    let nearest = far.into_iter().filter(|(far, _)| Some(*far) == least);
    nearest.map(|(_, row)| row).collect()
}

fn caller(agent: &AgentId, session: Option<&SessionId>) -> Caller {
    Caller {
        session: session.map(|id| CallerSession {
            id: id.clone(),
            agent: Some(agent.clone()),
            client: None,
            transport: Transport::Stdio,
            process: None,
        }),
        ..Caller::full(Principal::Local)
    }
}

fn held(claim: &Claim) -> Held {
    let mut notes = claim.history.iter().rev();
    Held {
        agent: claim.agent.to_string(),
        claim: claim.id.to_string(),
        repo: claim.repo_name.to_string(),
        number: claim.number.get(),
        status: claim.status.as_str().to_owned(),
        note: notes.find_map(|entry| entry.note.clone()),
        has_pull: claim.pr_url.is_some(),
    }
}

fn waiting(agent: &AgentId, item: &Followup) -> Feedback {
    let waits: Vec<&FeedbackEvent> = item.sources.iter().filter(|it| it.waits()).collect();
    let last = waits.last().map(|source| source.id.to_string());
    Feedback {
        agent: agent.to_string(),
        item: item.id.to_string(),
        repo: item.repo_name.to_string(),
        number: item.number.get(),
        asks: waits.len(),
        version: format!("{} {}", waits.len(), last.unwrap_or_default()),
    }
}

fn notice(told: &ToldNotice) -> String {
    let body = &told.notice.body;
    let number = match &body.of {
        NoticeOf::Claim { number, .. } | NoticeOf::Followup { number, .. } => number.get(),
    };
    let holder = told.now.as_ref().map(ToString::to_string);
    notice_words(
        body.what,
        &format!("{}#{number}", body.of.repo_name()),
        &body.why,
        holder.as_deref(),
    )
}

/// A notice in a sentence.
pub(super) fn notice_words(what: NoticeKind, of: &str, why: &str, holder: Option<&str>) -> String {
    let why = one_line(why, 100);
    match (what, holder) {
        (NoticeKind::Given, _) => format!("You were given {of} ({why}): get_my_work shows it."),
        (NoticeKind::Ended, _) => format!("{of} ended ({why}): stop work on it."),
        (NoticeKind::Lost | NoticeKind::TakenOver, Some(holder)) => {
            format!("You lost {of} to {holder} ({why}): stop work on it.")
        }
        (NoticeKind::Lost | NoticeKind::TakenOver, None) => {
            format!("You lost {of} ({why}): stop work on it.")
        }
    }
}
