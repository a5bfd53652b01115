//! The hooks of the clients that have some: at which moments they run `issuecommand hook`, and where that is written.

use crate::client::{Client, Scope};
use crate::edit::Edit;
use crate::environment::{Environment, Os};
use crate::mark::Mark;
use crate::server::Launch;
use crate::value::Value;

/// A moment in the work of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A session begins, goes on, or was compacted.
    SessionStart,
    /// A tool has answered.
    PostToolUse,
    /// A turn ends.
    Stop,
    /// A session ends.
    SessionEnd,
}

impl Moment {
    /// All, in the order of a session.
    pub const ALL: [Self; 4] = [
        Self::SessionStart,
        Self::PostToolUse,
        Self::Stop,
        Self::SessionEnd,
    ];

    /// The name on the command line of `issuecommand hook`.
    pub fn name(self) -> &'static str {
        match self {
            Self::SessionStart => "session-start",
            Self::PostToolUse => "post-tool-use",
            Self::Stop => "stop",
            Self::SessionEnd => "session-end",
        }
    }

    /// The client's own name of it.
    fn event(self, client: Client) -> &'static str {
        match (client, self) {
            (Client::Cursor | Client::Copilot, Self::SessionStart) => "sessionStart",
            (Client::Cursor | Client::Copilot, Self::PostToolUse) => "postToolUse",
            (Client::Cursor | Client::Copilot, Self::SessionEnd) => "sessionEnd",
            (Client::Cursor, Self::Stop) => "stop",
            (Client::Copilot, Self::Stop) => "agentStop",
            (Client::Gemini, Self::PostToolUse) => "AfterTool",
            (Client::Gemini, Self::Stop) => "AfterAgent",
            (_, Self::SessionStart) => "SessionStart",
            (_, Self::PostToolUse) => "PostToolUse",
            (_, Self::Stop) => "Stop",
            (_, Self::SessionEnd) => "SessionEnd",
        }
    }

    /// Whether a client's hook means it by this word: its own name or the client's, whatever their case, as `issuecommand hook`
    /// reads them.
    pub(crate) fn is_called(self, event: &str, client: Client) -> bool {
        [self.name(), self.event(client)]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(event))
    }

    /// Seconds after which the client gives a hook up. At the end of a turn a hook may wait for feedback.
    fn seconds(self, client: Client) -> u32 {
        match (client, self) {
            (Client::Codex | Client::Cursor | Client::Gemini | Client::Copilot, Self::Stop) => 120,
            // Codex allows no more.
            (Client::Codex, Self::SessionEnd) => 3,
            _ => 5,
        }
    }
}

/// Seconds for which Claude Code lets the hook wait that wakes an idle session.
const WAKE_SECONDS: u32 = 86_400;
/// Turns that Cursor lets a hook add in a row.
const LOOP_LIMIT: u32 = 5;

/// Whether hooks of a client are known.
pub(crate) fn has_some(client: Client, scope: Scope) -> bool {
    match client {
        Client::ClaudeCode | Client::Codex | Client::Cursor | Client::Gemini => true,
        // Its hooks are files of a repository.
        Client::Copilot => scope == Scope::Project,
        Client::ClaudeDesktop | Client::VsCode | Client::OpenCode | Client::Zed | Client::Devin => {
            false
        }
    }
}

/// The file of the hooks, where it is not that of the servers.
pub(crate) fn place(client: Client, scope: Scope, env: &Environment) -> Option<String> {
    let file = match (client, scope) {
        (Client::ClaudeCode, Scope::User) => {
            return Some(env.below(&env.claude_folder(), "settings.json"));
        }
        (Client::ClaudeCode, Scope::Project) => ".claude/settings.json",
        (Client::Cursor, _) => ".cursor/hooks.json",
        (Client::Copilot, _) => ".github/hooks/issuecommand.json",
        _ => return None,
    };
    Some(match scope {
        Scope::User => env.in_home(file),
        Scope::Project => env.in_project(file),
    })
}

/// The hooks of a client, for the database of the launch or for the service at an address.
pub(crate) fn edits(client: Client, os: Os, launch: &Launch, remote: Option<&str>) -> Vec<Edit> {
    let mut edits = Vec::new();
    for moment in Moment::ALL {
        let words = ["hook", client.name(), moment.name()];
        let command = Command {
            os,
            launch,
            remote,
            words: &words,
        };
        edits.push(element(client, moment, &command, Vec::new()));
        if client == Client::ClaudeCode && moment == Moment::Stop {
            let words = ["wait", "--hook", client.name()];
            let command = Command {
                os,
                launch,
                remote,
                words: &words,
            };
            let waking = vec![("asyncRewake", Value::Flag(true))];
            edits.push(element(client, moment, &command, waking));
        }
    }
    if matches!(client, Client::Cursor | Client::Copilot) {
        edits.push(Edit::Companion {
            key: "version".to_owned(),
            value: Value::number(1),
            of: "hooks".to_owned(),
        });
    }
    edits
}

struct Command<'a> {
    os: Os,
    launch: &'a Launch,
    remote: Option<&'a str>,
    words: &'a [&'a str],
}

impl Command<'_> {
    fn line(&self, quoted: impl Fn(&str) -> String) -> String {
        let settings = self
            .launch
            .env
            .iter()
            .flat_map(|(name, value)| ["--set".to_owned(), format!("{name}={value}")]);
        let mut words = vec![quoted(&self.launch.program)];
        words.extend(self.launch.args.iter().map(|word| quoted(word)));
        words.extend(settings.map(|word| quoted(&word)));
        words.extend(self.words.iter().map(|word| (*word).to_owned()));
        let remote = self.remote.into_iter();
        words.extend(remote.flat_map(|url| ["--remote".to_owned(), quoted(url)]));
        words.join(" ")
    }

    /// For the shell that a client uses.
    fn shell(&self, client: Client) -> String {
        match self.os {
            // Claude Code uses bash there, too.
            Os::Windows if client != Client::ClaudeCode => self.line(in_double_quotes),
            Os::Linux | Os::Mac | Os::Windows => self.line(|word| in_single_quotes(word, "'\\''")),
        }
    }
}

fn is_plain(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:@%+,".contains(c);
    !word.is_empty() && word.chars().all(plain)
}

fn in_single_quotes(word: &str, quote: &str) -> String {
    if is_plain(word) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', quote))
    }
}

fn in_double_quotes(word: &str) -> String {
    if is_plain(&word.replace('\\', "/")) {
        word.to_owned()
    } else {
        format!("\"{word}\"")
    }
}

fn element(
    client: Client,
    moment: Moment,
    command: &Command<'_>,
    further: Vec<(&'static str, Value)>,
) -> Edit {
    let path = vec!["hooks".to_owned(), moment.event(client).to_owned()];
    let wakes = !further.is_empty();
    let seconds = if wakes {
        WAKE_SECONDS
    } else {
        moment.seconds(client)
    };
    let line = command.shell(client);
    let value = match client {
        Client::Cursor => {
            let mut members = vec![
                ("command", Value::Text(line)),
                ("timeout", Value::number(seconds)),
            ];
            if moment == Moment::Stop {
                members.push(("loop_limit", Value::number(LOOP_LIMIT)));
            }
            Value::object(members)
        }
        Client::Copilot => {
            let bash = command.line(|word| in_single_quotes(word, "'\\''"));
            // A quoted path would be a string there, and not a command.
            let powershell = command.line(|word| in_single_quotes(word, "''"));
            let powershell = match powershell.strip_prefix('\'') {
                Some(_) => format!("& {powershell}"),
                None => powershell,
            };
            Value::object([
                ("type", Value::text("command")),
                ("bash", Value::Text(bash)),
                ("powershell", Value::Text(powershell)),
                ("timeoutSec", Value::number(seconds)),
            ])
        }
        client => {
            let timeout = if client == Client::Gemini {
                seconds * 1000
            } else {
                seconds
            };
            let mut hook = vec![
                ("type", Value::text("command")),
                ("command", Value::Text(line)),
                ("timeout", Value::number(timeout)),
            ];
            hook.extend(further);
            let mut group = Vec::new();
            if client != Client::Gemini && moment == Moment::SessionStart {
                group.push(("matcher", Value::text("startup|resume|clear|compact")));
            }
            group.push(("hooks", Value::List(vec![Value::object(hook)])));
            Value::object(group)
        }
    };
    Edit::Element {
        path,
        value,
        mark: Mark::Hook {
            client,
            moment,
            wakes,
            program: command.launch.program.clone(),
        },
    }
}
