//! How an element of ours is found again in an array that others write, too.

use crate::client::Client;
use crate::command_line::Call;
use crate::hooks::Moment;
use crate::value::Value;

/// The members that hold a command line.
const COMMANDS: [&str; 3] = ["command", "bash", "powershell"];

/// What makes an element ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Its member has this text.
    Member {
        /// The member.
        key: &'static str,
        /// The text.
        text: &'static str,
    },
    /// It runs IssueCommand for a client at a moment.
    Hook {
        /// The client.
        client: Client,
        /// The moment.
        moment: Moment,
        /// Whether it waits in the background to wake the session.
        wakes: bool,
        /// The program that `install` enters, whatever its name.
        program: String,
    },
}

impl Mark {
    /// Whether an object itself has the mark.
    pub(crate) fn is_on(&self, object: &Value) -> bool {
        match self {
            Self::Member { key, text } => object.get(key) == Some(&Value::text(*text)),
            Self::Hook { program, .. } => COMMANDS.iter().any(|key| {
                call(object, key).is_some_and(|call| call.runs(program) && self.says(&call))
            }),
        }
    }

    /// Whether an element has it, or one of the hooks that it groups.
    pub(crate) fn is_in(&self, element: &Value) -> bool {
        self.is_on(element) || hooks(element).iter().any(|hook| self.is_on(hook))
    }

    fn says(&self, call: &Call) -> bool {
        let Self::Hook {
            client,
            moment,
            wakes,
            ..
        } = self
        else {
            return false;
        };
        let words: Vec<&str> = call.words.iter().map(String::as_str).collect();
        if *wakes {
            let named = |(name, value): &(String, String)| name == "hook" && value == client.name();
            return words.first() == Some(&"wait") && call.options.iter().any(named);
        }
        match words[..] {
            ["hook", name, event, ..] => name == client.name() && moment.is_called(event, *client),
            _ => false,
        }
    }
}

/// The command of a member: a line, or a program whose words stand beside it.
fn call(object: &Value, key: &str) -> Option<Call> {
    let Some(Value::Text(line)) = object.get(key) else {
        return None;
    };
    match object.get("args") {
        Some(Value::List(args)) => {
            let words = args.iter().filter_map(|word| match word {
                Value::Text(word) => Some(word.clone()),
                _ => None,
            });
            Call::of_words([line.clone()].into_iter().chain(words).collect())
        }
        _ => Call::of_line(line),
    }
}

/// The hooks that an element groups.
pub(crate) fn hooks(element: &Value) -> &[Value] {
    match element.get("hooks") {
        Some(Value::List(hooks)) => hooks,
        _ => &[],
    }
}
