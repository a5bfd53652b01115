//! Who a person is to the service: `you@host`.

use std::fs;

use issuecommand_core::domain::id::AgentId;

use crate::settings::Settings;

/// The agent of the settings, else the user of this process at this machine.
pub(super) fn of_process(settings: &Settings) -> AgentId {
    let name = || {
        let user =
            variable(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_else(|| "person".to_owned());
        named(&user, &host())
    };
    settings.client.agent.clone().unwrap_or_else(name)
}

fn named(user: &str, host: &str) -> AgentId {
    let fits = |text: &str, most: usize| -> String {
        let good = text
            .chars()
            .filter(|c| !crate::text::is_hidden(*c) && !c.is_whitespace());
        good.take(most).collect()
    };
    // An agent's name has at most 200 bytes, and a character at most four.
    let name = format!("{}@{}", fits(user, 24), fits(host, 24));
    AgentId::parse(&name).unwrap_or_else(|_| unreachable!("a name of 1 to 197 bytes with an @"))
}

/// The first label of the machine's name.
fn host() -> String {
    let known = variable(&["HOSTNAME", "COMPUTERNAME"]);
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let of_files = || files.iter().find_map(|file| fs::read_to_string(file).ok());
    let of_program = || {
        let told = std::process::Command::new("hostname").output().ok()?;
        String::from_utf8(told.stdout).ok()
    };
    let host = known
        .or_else(of_files)
        .or_else(of_program)
        .unwrap_or_default();
    let label = host.trim().split('.').next().unwrap_or_default();
    if label.is_empty() {
        "here".to_owned()
    } else {
        label.to_owned()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "variables of the system, which are no settings"
)]
fn variable(names: &[&str]) -> Option<String> {
    let mut values = names.iter().filter_map(|name| std::env::var(name).ok());
    values.find(|value| !value.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_user_has_a_name() {
        assert_eq!(named("ann", "desk").as_str(), "ann@desk");
        assert_eq!(named("a\u{202e}n\tn", "").as_str(), "ann@");
        assert!(named(&"漢".repeat(500), &"👩".repeat(500)).as_str().len() <= 200);
    }
}
