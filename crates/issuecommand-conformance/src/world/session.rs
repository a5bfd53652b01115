//! Callers with a session.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::notice::{Notice, NoticeKind};
use issuecommand_core::domain::session::{
    CallerSession, ProcessRef, SessionEnd, SessionId, Transport,
};
use issuecommand_core::engine::command::{Action, Answer, Command};
use issuecommand_testkit::builders::{agent, local, number, repo};

use super::{API, World};

pub(in super::super) fn session(id: &str) -> SessionId {
    SessionId::parse(id).expect("a good session id")
}

/// A local caller in this session.
pub(in super::super) fn from(id: &str) -> Caller {
    Caller {
        session: Some(CallerSession {
            id: session(id),
            agent: None,
            client: None,
            transport: Transport::Stdio,
            process: Some(process(id)),
        }),
        ..local()
    }
}

/// The process of a session.
pub(in super::super) fn process(id: &str) -> ProcessRef {
    ProcessRef {
        host: "here".to_owned(),
        pid: 7,
        started: id.len().try_into().expect("a short id"),
    }
}

/// The same command from this session.
pub(in super::super) fn within(id: &str, command: Command) -> Command {
    Command {
        caller: from(id),
        ..command
    }
}

/// A claim by number that takes the issue from its holder.
pub(in super::super) fn take_over(who: &str, n: i64) -> Command {
    Command::new(
        &local(),
        Action::ClaimIssue {
            agent: agent(who),
            repo: repo(API),
            number: number(n),
            unreachable: true,
            take_over: true,
        },
    )
}

impl World {
    /// The agent is heard from this session. Answers what it is told.
    pub(in super::super) async fn heard(&self, who: &str, id: &str) -> Vec<Notice> {
        self.hears(&from(id), who, false).await
    }

    /// The agent is heard without a session.
    pub(in super::super) async fn heard_alone(&self, who: &str) -> Vec<Notice> {
        self.hears(&local(), who, false).await
    }

    /// The agent sends a sign of life without a session.
    pub(in super::super) async fn beats(&self, who: &str) {
        self.hears(&local(), who, true).await;
    }

    /// The agent is heard from this caller, with a sign of life or without.
    pub(in super::super) async fn hears(
        &self,
        caller: &Caller,
        who: &str,
        beats: bool,
    ) -> Vec<Notice> {
        let action = Action::Heard {
            agent: agent(who),
            beats,
            resumes: true,
            holds: false,
            recorded: false,
        };
        match self.note(Command::new(caller, action)).await {
            Answer::Heard { notices, .. } => notices,
            other => panic!("{other:?}"),
        }
    }

    /// The session ends, as its own process says or another one.
    pub(in super::super) async fn session_ends(&self, who: &str, id: &str, process: ProcessRef) {
        let action = Action::EndSession {
            agent: agent(who),
            session: session(id),
            process: Some(process),
            end: SessionEnd::Left,
        };
        self.note(Command::system(action)).await;
    }

    /// The agent is heard from this session and then claims the issue in it.
    pub(in super::super) async fn claim_in(&self, who: &str, id: &str, n: i64) -> Claim {
        self.heard(who, id).await;
        let command = issuecommand_testkit::builders::claim(who, API, n);
        self.claimed(within(id, command)).await.0
    }
}

/// What notices say: of which issue or pull request, and what.
pub(in super::super) fn told(notices: &[Notice]) -> Vec<(i64, NoticeKind)> {
    use issuecommand_core::domain::notice::NoticeOf;
    let each = notices.iter().map(|notice| match &notice.body.of {
        NoticeOf::Claim { number, .. } | NoticeOf::Followup { number, .. } => {
            (number.get(), notice.body.what)
        }
    });
    each.collect()
}
