//! Help, completions and manual pages, as the program makes them.

use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Program, path_of};

fn printed(args: &[&str]) -> String {
    let output = Command::new(path_of(Program::Combined))
        .args(args)
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_is_short_and_settings_have_a_page_of_their_own() {
    let help = printed(&["--help"]);
    assert!(help.lines().count() < 90, "{help}");
    for words in [
        "Examples:",
        "Exit codes:",
        "  list ",
        "  release ",
        "help settings",
    ] {
        assert!(help.contains(words), "{words} in\n{help}");
    }
    for hidden in ["  hook ", "  wait ", "CLAIM_TIMEOUT_MINUTES"] {
        assert!(!help.contains(hidden), "{hidden} in\n{help}");
    }
    for settings in [printed(&["help", "settings"]), printed(&["settings"])] {
        assert!(
            settings.contains("CLAIM_TIMEOUT_MINUTES") && settings.contains("ISSUECOMMAND_URL"),
            "{settings}"
        );
    }
    assert!(printed(&["help", "hook"]).contains("claude-code"));
}

#[test]
fn completions_are_made_for_each_shell() {
    for (shell, words) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef issuecommand"),
        ("fish", "complete -c issuecommand"),
        ("elvish", "edit:completion"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let text = printed(&["completions", shell]);
        assert!(
            text.contains(words) && text.contains("release"),
            "{shell}: {text}"
        );
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("issuecommand.bash");
    std::fs::write(&file, printed(&["completions", "bash"])).unwrap();
    let script = format!(
        "source {}; COMP_WORDS=(issuecommand relea); COMP_CWORD=1; _issuecommand issuecommand relea issuecommand; echo \"${{COMPREPLY[@]}}\"",
        file.display()
    );
    match Command::new("bash").args(["-c", &script]).output() {
        Ok(output) => assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            "release",
            "{output:?}"
        ),
        Err(_) => println!("SKIPPED: there is no bash"),
    }
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("man1");
    printed(&["man", "--dir", pages.to_str().unwrap()]);
    let page =
        |name: &str| std::fs::read_to_string(pages.join(format!("{name}.1"))).unwrap_or_default();
    for name in [
        "issuecommand",
        "issuecommand-list",
        "issuecommand-release",
        "issuecommand-key-create",
    ] {
        assert!(page(name).contains(".TH"), "{name}");
    }
    assert!(
        page("issuecommand-list").contains("issuecommand"),
        "{}",
        page("issuecommand-list")
    );
    assert_eq!(page("issuecommand-hook"), "");
    assert!(printed(&["man"]).contains(".TH issuecommand 1"));
}
